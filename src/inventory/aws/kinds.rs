//! Every kind of resource that outcrop names: one row each, with all that differs from kind to kind.

use crate::model::{Arn, Resource};

/// How the ARN of a kind is written after its service (Service Authorization Reference, resource
/// types of each service).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArnShape {
    /// Region, account, and what comes before the id: `arn:aws:ec2:eu-west-1:123456789012:instance/`.
    Regional(&'static str),
    /// Account without region, and what comes before the id: `arn:aws:iam::123456789012:role/`.
    Global(&'static str),
    /// Region without account, and what comes before the id: `arn:aws:ec2:eu-west-1::snapshot/`.
    Unowned(&'static str),
    /// Neither region nor account: `arn:aws:s3:::`.
    Bare,
    /// The account itself: `arn:aws:iam::123456789012:root`, whose id is the account's.
    Account,
}

/// Whether a service takes requests without a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsigned {
    /// Yes.
    Yes,
    /// No: everyone means every AWS account.
    No,
    /// Only through a function URL without authentication.
    FunctionUrl,
}

/// What the resource policies of a kind are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyTraits {
    /// Service prefix of the actions in its policies.
    pub prefix: &'static str,
    /// Whether it takes unsigned requests.
    pub unsigned: Unsigned,
    /// Policies that name no Resource: trust policies, repositories.
    pub resource_optional: bool,
    /// What stands between the ARN and something inside of it.
    pub below: &'static str,
    /// Whether actions on the resource also apply below its ARN (aliases, indexes).
    pub reaches_below: bool,
    /// The kind whose actions it shares, in the action table; its own name where empty.
    pub actions_of: &'static str,
}

impl PolicyTraits {
    /// Those of a kind that nothing is known of: the widest reading.
    pub const UNKNOWN: PolicyTraits = PolicyTraits {
        resource_optional: true,
        reaches_below: true,
        ..PolicyTraits::of("", Unsigned::No)
    };

    const fn of(prefix: &'static str, unsigned: Unsigned) -> PolicyTraits {
        PolicyTraits {
            prefix,
            unsigned,
            resource_optional: false,
            below: "/",
            reaches_below: false,
            actions_of: "",
        }
    }
}

/// A kind of resource.
#[derive(Debug)]
pub struct Kind {
    /// outcrop's name for it, for instance `aws.sqs.queue`.
    pub name: &'static str,
    /// Service in its ARN.
    pub service: &'static str,
    /// The rest of its ARN.
    pub arn: ArnShape,
    /// What people call one in a proof; empty where nothing needs the word.
    pub noun: &'static str,
    /// Type in the AWS Security Finding Format (Security Hub user guide, ASFF resource types).
    pub asff: &'static str,
    /// What its resource policies are like, where outcrop knows them.
    pub policy: Option<PolicyTraits>,
}

/// The account and region in which a resource is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// `aws`, `aws-us-gov` or `aws-cn`.
    pub partition: &'a str,
    /// Region, or `aws-global` for what has none.
    pub region: &'a str,
    /// Account that owns it.
    pub account: &'a str,
}

impl Kind {
    const fn of(name: &'static str, service: &'static str, arn: ArnShape) -> Kind {
        Kind { name, service, arn, noun: "", asff: "Other", policy: None }
    }

    /// The ARN of the resource with this id.
    pub fn arn(&self, place: &Place<'_>, id: &str) -> String {
        let &Place { partition, region, account } = place;
        let (region, account, resource) = match self.arn {
            ArnShape::Regional(path) => (region, account, format!("{path}{id}")),
            ArnShape::Global(path) => ("", account, format!("{path}{id}")),
            ArnShape::Unowned(path) => (region, "", format!("{path}{id}")),
            ArnShape::Bare => ("", "", id.to_owned()),
            ArnShape::Account => ("", account, "root".to_owned()),
        };
        let service = self.service;
        Arn { partition, service, region, account, resource: &resource }.to_string()
    }

    /// Names a resource of this kind by its id.
    pub fn resource(&self, place: &Place<'_>, id: &str) -> Resource {
        self.resource_of(place, id, &self.arn(place, id))
    }

    /// Names a resource of this kind by its id and the ARN that the service told.
    pub fn resource_of(&self, place: &Place<'_>, id: &str, arn: &str) -> Resource {
        Resource::of_arn(arn, self.name, id, place.region, place.account)
    }
}

// A kind is its name; the rest follows from it.
impl PartialEq for Kind {
    fn eq(&self, other: &Kind) -> bool {
        self.name == other.name
    }
}

impl Eq for Kind {}

impl PartialOrd for Kind {
    fn partial_cmp(&self, other: &Kind) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Kind {
    fn cmp(&self, other: &Kind) -> std::cmp::Ordering {
        self.name.cmp(other.name)
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name)
    }
}

/// Makes a static of each kind, and [`KINDS`].
macro_rules! kinds {
    ($($static:ident $name:literal $service:literal $arn:expr $(, { $($field:ident: $value:expr),* $(,)? })?;)*) => {
        $(
            #[doc = concat!("`", $name, "`.")]
            pub static $static: Kind = Kind {
                $($($field: $value,)*)?
                ..Kind::of($name, $service, $arn)
            };
        )*

        /// The kinds, by name.
        pub static KINDS: &[&Kind] = &[$(&$static),*];
    };
}

use ArnShape::{Account, Bare, Global, Regional, Unowned};
use Unsigned::{FunctionUrl, No, Yes};

/// Traits of a kind that has nothing but a prefix and whether it takes unsigned requests.
const fn policy(prefix: &'static str, unsigned: Unsigned) -> Option<PolicyTraits> {
    Some(PolicyTraits::of(prefix, unsigned))
}

kinds! {
    ACCOUNT "aws.account" "iam" Account, { asff: "AwsAccount" };
    // A resource policy may be written `execute-api:/stage/method/path`.
    API_GATEWAY_REST_API "aws.apigateway.rest-api" "execute-api" Regional(""), {
        policy: policy("execute-api", Yes),
    };
    APPSYNC_API "aws.appsync.api" "appsync" Regional("apis/"), { asff: "AwsAppSyncGraphQLApi" };
    BACKUP_VAULT "aws.backup.vault" "backup" Regional("backup-vault:"), {
        policy: policy("backup", No),
    };
    CODEBUILD_PROJECT "aws.codebuild.project" "codebuild" Regional("project/"), {
        asff: "AwsCodeBuildProject",
    };
    COGNITO_IDENTITY_POOL "aws.cognito.identity-pool" "cognito-identity" Regional("identitypool/");
    COGNITO_USER_POOL "aws.cognito.user-pool" "cognito-idp" Regional("userpool/");
    DMS_REPLICATION_INSTANCE "aws.dms.replication-instance" "dms" Regional("rep:"), { noun: "DMS replication instance",
        asff: "AwsDmsReplicationInstance",
    };
    DYNAMODB_TABLE "aws.dynamodb.table" "dynamodb" Regional("table/"), {
        asff: "AwsDynamoDbTable",
        policy: Some(PolicyTraits { reaches_below: true, ..PolicyTraits::of("dynamodb", No) }),
    };
    EC2_IMAGE "aws.ec2.image" "ec2" Unowned("image/");
    EC2_INSTANCE "aws.ec2.instance" "ec2" Regional("instance/"), { asff: "AwsEc2Instance" };
    EC2_NETWORK_INTERFACE "aws.ec2.network-interface" "ec2" Regional("network-interface/"), {
        asff: "AwsEc2NetworkInterface",
    };
    // The settings of a region for all of its VPCs, snapshots and images. They have no ARN that AWS publishes.
    EC2_REGION "aws.ec2.region" "ec2" Regional("vpc-block-public-access-options");
    EC2_SECURITY_GROUP "aws.ec2.security-group" "ec2" Regional("security-group/"), {
        asff: "AwsEc2SecurityGroup",
    };
    EC2_SNAPSHOT "aws.ec2.snapshot" "ec2" Unowned("snapshot/");
    ECR_REPOSITORY "aws.ecr.repository" "ecr" Regional("repository/"), {
        asff: "AwsEcrRepository",
        policy: Some(PolicyTraits { resource_optional: true, ..PolicyTraits::of("ecr", No) }),
    };
    // Both as ECS names them since 2021, with the cluster (ECS developer guide, "Migrate an Amazon ECS
    // short service ARN to a long ARN").
    ECS_SERVICE "aws.ecs.service" "ecs" Regional("service/"), { asff: "AwsEcsService" };
    ECS_TASK "aws.ecs.task" "ecs" Regional("task/"), { asff: "AwsEcsTask" };
    // NFS clients need no credentials where the policy lets anonymous clients mount.
    EFS_FILE_SYSTEM "aws.efs.file-system" "elasticfilesystem" Regional("file-system/"), {
        policy: policy("elasticfilesystem", Yes),
    };
    EKS_CLUSTER "aws.eks.cluster" "eks" Regional("cluster/"), { noun: "Kubernetes API of an EKS cluster", asff: "AwsEksCluster" };
    ELASTICACHE_CLUSTER "aws.elasticache.cluster" "elasticache" Regional("cluster:"), { noun: "ElastiCache cluster" };
    ELASTICACHE_SERVERLESS_CACHE "aws.elasticache.serverless-cache" "elasticache"
        Regional("serverlesscache:");
    ELB_LOAD_BALANCER "aws.elb.load-balancer" "elasticloadbalancing" Regional("loadbalancer/"), {
        asff: "AwsElbv2LoadBalancer",
    };
    // It has no ARN of its own: an address that a target group names.
    ELB_TARGET "aws.elb.target" "elasticloadbalancing" Regional("target/");
    ELB_TARGET_GROUP "aws.elb.target-group" "elasticloadbalancing" Regional("targetgroup/");
    EVENTS_BUS "aws.events.bus" "events" Regional("event-bus/"), { policy: policy("events", No) };
    GLACIER_VAULT "aws.glacier.vault" "glacier" Regional("vaults/"), {
        policy: policy("glacier", No),
    };
    IAM_ROLE "aws.iam.role" "iam" Global("role/"), {
        asff: "AwsIamRole",
        policy: Some(PolicyTraits { resource_optional: true, ..PolicyTraits::of("sts", No) }),
    };
    KINESIS_STREAM "aws.kinesis.stream" "kinesis" Regional("stream/"), {
        asff: "AwsKinesisStream",
        policy: Some(PolicyTraits { prefix: "kinesis", ..PolicyTraits::UNKNOWN }),
    };
    KMS_KEY "aws.kms.key" "kms" Regional("key/"), {
        asff: "AwsKmsKey",
        policy: policy("kms", No),
    };
    LAMBDA_FUNCTION "aws.lambda.function" "lambda" Regional("function:"), {
        asff: "AwsLambdaFunction",
        policy: Some(PolicyTraits {
            below: ":",
            reaches_below: true,
            ..PolicyTraits::of("lambda", FunctionUrl)
        }),
    };
    // Its URL is a way in of its own, named by the ARN of the function or alias that it calls.
    LAMBDA_FUNCTION_URL "aws.lambda.function-url" "lambda" Regional("function:"), {
        policy: Some(PolicyTraits {
            below: ":",
            reaches_below: true,
            ..PolicyTraits::of("lambda", FunctionUrl)
        }),
    };
    // Its policies give one action, to read it (Lambda API reference, AddLayerVersionPermission).
    LAMBDA_LAYER_VERSION "aws.lambda.layer-version" "lambda" Regional("layer:"), {
        policy: policy("lambda", No),
    };
    MEMORYDB_CLUSTER "aws.memorydb.cluster" "memorydb" Regional("cluster/"), { noun: "MemoryDB cluster" };
    MQ_BROKER "aws.mq.broker" "mq" Regional("broker:"), { noun: "Amazon MQ broker" };
    MSK_CLUSTER "aws.msk.cluster" "kafka" Regional("cluster/"), { noun: "MSK cluster", asff: "AwsMskCluster" };
    OPENSEARCH_DOMAIN "aws.opensearch.domain" "es" Regional("domain/"), {
        asff: "AwsOpenSearchServiceDomain",
        policy: policy("es", Yes),
    };
    RDS_CLUSTER "aws.rds.cluster" "rds" Regional("cluster:"), { noun: "RDS cluster", asff: "AwsRdsDbCluster" };
    RDS_CLUSTER_SNAPSHOT "aws.rds.cluster-snapshot" "rds" Regional("cluster-snapshot:"), {
        asff: "AwsRdsDbClusterSnapshot",
    };
    RDS_INSTANCE "aws.rds.instance" "rds" Regional("db:"), { noun: "RDS instance", asff: "AwsRdsDbInstance" };
    RDS_SNAPSHOT "aws.rds.snapshot" "rds" Regional("snapshot:"), { asff: "AwsRdsDbSnapshot" };
    REDSHIFT_SERVERLESS_WORKGROUP "aws.redshift-serverless.workgroup" "redshift-serverless"
        Regional("workgroup/"), { noun: "Redshift Serverless workgroup" };
    REDSHIFT_CLUSTER "aws.redshift.cluster" "redshift" Regional("cluster:"), { noun: "Redshift cluster",
        asff: "AwsRedshiftCluster",
    };
    S3_ACCESS_POINT "aws.s3.access-point" "s3" Regional("accesspoint/"), {
        policy: Some(PolicyTraits { below: "/object/", ..PolicyTraits::of("s3", Yes) }),
    };
    // Its ARN names neither region nor account (S3 user guide, ARNs).
    S3_BUCKET "aws.s3.bucket" "s3" Bare, { asff: "AwsS3Bucket", policy: policy("s3", Yes) };
    // Its ARN has the alias and no region (S3 user guide, multi-region access points).
    S3_MULTI_REGION_ACCESS_POINT "aws.s3.multi-region-access-point" "s3" Global("accesspoint/"), {
        policy: Some(PolicyTraits {
            below: "/object/",
            actions_of: "aws.s3.access-point",
            ..PolicyTraits::of("s3", Yes)
        }),
    };
    S3_OBJECT "aws.s3.object" "s3" Bare;
    SECRETS_MANAGER_SECRET "aws.secretsmanager.secret" "secretsmanager" Regional("secret:"), {
        asff: "AwsSecretsManagerSecret",
        policy: policy("secretsmanager", No),
    };
    SES_IDENTITY "aws.ses.identity" "ses" Regional("identity/"), {
        policy: Some(PolicyTraits { prefix: "ses", ..PolicyTraits::UNKNOWN }),
    };
    SNS_TOPIC "aws.sns.topic" "sns" Regional(""), {
        asff: "AwsSnsTopic",
        policy: policy("sns", Yes),
    };
    SQS_QUEUE "aws.sqs.queue" "sqs" Regional(""), {
        asff: "AwsSqsQueue",
        policy: policy("sqs", Yes),
    };
    SSM_DOCUMENT "aws.ssm.document" "ssm" Regional("document/");
}

/// The kind of this name. People and older files write some names without their dashes
/// (`aws.efs.filesystem`).
pub fn named(name: &str) -> Option<&'static Kind> {
    let plain = |text: &str| text.bytes().filter(|byte| *byte != b'-').collect::<Vec<_>>();
    let wanted = plain(name);
    KINDS.iter().find(|kind| plain(kind.name) == wanted).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Place<'_> =
        Place { partition: "aws", region: "eu-west-1", account: "123456789012" };

    #[test]
    fn kinds_are_sorted_and_found_with_and_without_dashes() {
        assert!(KINDS.windows(2).all(|pair| pair[0] < pair[1]), "sorted, none twice");
        for kind in KINDS {
            assert_eq!(named(kind.name), Some(*kind));
            assert_eq!(named(&kind.name.replace('-', "")), Some(*kind), "{kind}");
        }
        assert_eq!(named("aws.sqs.queues"), None);
    }

    #[test]
    fn arns_are_written_as_the_services_write_them() {
        for (kind, id, arn) in [
            (&ACCOUNT, "123456789012", "arn:aws:iam::123456789012:root"),
            (&EC2_IMAGE, "ami-1", "arn:aws:ec2:eu-west-1::image/ami-1"),
            (&EC2_INSTANCE, "i-1", "arn:aws:ec2:eu-west-1:123456789012:instance/i-1"),
            (&EC2_SNAPSHOT, "snap-1", "arn:aws:ec2:eu-west-1::snapshot/snap-1"),
            (&S3_BUCKET, "b", "arn:aws:s3:::b"),
            (
                &S3_MULTI_REGION_ACCESS_POINT,
                "a.mrap",
                "arn:aws:s3::123456789012:accesspoint/a.mrap",
            ),
            (&SQS_QUEUE, "jobs", "arn:aws:sqs:eu-west-1:123456789012:jobs"),
        ] {
            assert_eq!(kind.arn(&HERE, id), arn);
            assert_eq!(kind.resource(&HERE, id).kind, kind.name);
        }
    }
}
