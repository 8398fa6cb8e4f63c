//! Every call that outcrop may make: a call is a value that carries all that is known of it.
//!
//! The one list behind three promises: no other operation leaves the process, the printed policy
//! is exactly what a scan uses, and nothing on it changes an account or reads what customers
//! stored. Actions: AWS Service Authorization Reference. Codes: the API reference of each service.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Serialize, Serializer};

use crate::model::{Gap, Missing};

/// What one request of an operation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The whole account: asked once, in whatever region answers for it.
    Account,
    /// Everything of a kind in one region.
    Region,
    /// One resource, which was listed by another call.
    Resource,
}

/// One operation of a service.
#[derive(Debug)]
pub struct Call {
    /// Service in outcrop's terms and in `service:Operation` names.
    pub service: &'static str,
    /// Name of the service in the SDK's metadata (its service id without spaces).
    pub sdk: &'static str,
    /// Operation of the API.
    pub operation: &'static str,
    /// IAM action that allows it; empty where AWS asks for none.
    pub action: &'static str,
    /// What one request is about.
    pub about: About,
    /// Error codes that say that there is no such setting: a fact, not a failure.
    pub absent: &'static [&'static str],
    /// Error codes that say that the resource itself was deleted since it was listed.
    pub gone: &'static [&'static str],
    /// True when its answer can tell only what is latent: what it lists has no public address.
    pub only_latent: bool,
    /// True when it is made before any rule is chosen: who am I, and which regions are there.
    pub connecting: bool,
}

impl Call {
    const fn of(
        service: &'static str,
        sdk: &'static str,
        operation: &'static str,
        action: &'static str,
    ) -> Call {
        Call {
            service,
            sdk,
            operation,
            action,
            about: About::Region,
            absent: &[],
            gone: &[],
            only_latent: false,
            connecting: false,
        }
    }

    /// The name that users and files know it by, for instance `s3:GetBucketPolicy`.
    pub fn name(&self) -> String {
        self.to_string()
    }

    /// Whether `gap` says that this call had no answer.
    pub fn is_missing(&self, gap: &Gap) -> bool {
        self.service == gap.service && self.operation == gap.operation
    }

    /// That an answer about the account or region is missing for a decision.
    pub fn missing(&self, text: impl Into<String>) -> Missing {
        Missing { operation: Some(self.name()), resource: None, text: text.into() }
    }

    /// That an answer about one resource is missing for a decision.
    pub fn missing_of(&self, resource: impl Into<String>, text: impl Into<String>) -> Missing {
        Missing { resource: Some(resource.into()), ..self.missing(text) }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service, self.operation)
    }
}

impl Serialize for Call {
    /// The name.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

// A call is its service and operation; the rest follows from these.
impl PartialEq for Call {
    fn eq(&self, other: &Call) -> bool {
        (self.service, self.operation) == (other.service, other.operation)
    }
}

impl Eq for Call {}

impl PartialOrd for Call {
    fn partial_cmp(&self, other: &Call) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Call {
    fn cmp(&self, other: &Call) -> Ordering {
        (self.service, self.operation).cmp(&(other.service, other.operation))
    }
}

impl Hash for Call {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.service, self.operation).hash(state);
    }
}

/// Makes a module of calls for each service, and [`CALLS`].
macro_rules! calls {
    ($($module:ident $service:literal $sdk:literal {
        $($name:ident $operation:literal $action:literal
            $({ $($field:ident: $value:expr),* $(,)? })?;)*
    })*) => {
        $(
            #[doc = concat!("Calls of `", $service, "`.")]
            pub mod $module {
                #[allow(unused_imports)] // Not every service has a call about something narrower.
                use super::{About, Call};

                $(
                    #[doc = concat!("`", $service, ":", $operation, "`.")]
                    pub static $name: Call = Call {
                        $($($field: $value,)*)?
                        ..Call::of($service, $sdk, $operation, $action)
                    };
                )*
            }
        )*

        /// The declared calls, by service and operation.
        pub static CALLS: &[&Call] = &[$($(&$module::$name),*),*];
    };
}

calls! {
    appsync "appsync" "AppSync" {
        LIST_APIS "ListApis" "appsync:ListApis";
        // Codes: AppSync API reference, ListChannelNamespaces.
        LIST_CHANNEL_NAMESPACES "ListChannelNamespaces" "appsync:ListChannelNamespaces" {
            about: About::Resource,
            gone: &["NotFoundException"],
        };
        LIST_GRAPHQL_APIS "ListGraphqlApis" "appsync:ListGraphqlApis";
    }
    codebuild "codebuild" "CodeBuild" {
        BATCH_GET_PROJECTS "BatchGetProjects" "codebuild:BatchGetProjects";
        LIST_PROJECTS "ListProjects" "codebuild:ListProjects";
    }
    cognito_identity "cognito-identity" "CognitoIdentity" {
        // Codes: Cognito identity pools API reference of each operation.
        DESCRIBE_IDENTITY_POOL "DescribeIdentityPool" "cognito-identity:DescribeIdentityPool" {
            about: About::Resource,
            gone: &["ResourceNotFoundException"],
        };
        GET_IDENTITY_POOL_ROLES "GetIdentityPoolRoles" "cognito-identity:GetIdentityPoolRoles" {
            about: About::Resource,
            gone: &["ResourceNotFoundException"],
        };
        LIST_IDENTITY_POOLS "ListIdentityPools" "cognito-identity:ListIdentityPools";
    }
    cognito_idp "cognito-idp" "CognitoIdentityProvider" {
        // Codes: Cognito user pools API reference, DescribeUserPool.
        DESCRIBE_USER_POOL "DescribeUserPool" "cognito-idp:DescribeUserPool" {
            about: About::Resource,
            gone: &["ResourceNotFoundException"],
        };
        LIST_USER_POOLS "ListUserPools" "cognito-idp:ListUserPools";
    }
    dms "dms" "DatabaseMigrationService" {
        DESCRIBE_REPLICATION_INSTANCES "DescribeReplicationInstances" "dms:DescribeReplicationInstances";
    }
    ec2 "ec2" "EC2" {
        DESCRIBE_ADDRESSES "DescribeAddresses" "ec2:DescribeAddresses";
        // Codes: EC2 API reference, error codes.
        DESCRIBE_IMAGE_ATTRIBUTE "DescribeImageAttribute" "ec2:DescribeImageAttribute" {
            about: About::Resource,
            gone: &["InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"],
        };
        DESCRIBE_IMAGES "DescribeImages" "ec2:DescribeImages";
        DESCRIBE_INSTANCES "DescribeInstances" "ec2:DescribeInstances";
        DESCRIBE_INTERNET_GATEWAYS "DescribeInternetGateways" "ec2:DescribeInternetGateways";
        DESCRIBE_NETWORK_ACLS "DescribeNetworkAcls" "ec2:DescribeNetworkAcls";
        DESCRIBE_NETWORK_INTERFACES "DescribeNetworkInterfaces" "ec2:DescribeNetworkInterfaces";
        DESCRIBE_REGIONS "DescribeRegions" "ec2:DescribeRegions" {
            about: About::Account,
            connecting: true,
        };
        DESCRIBE_ROUTE_TABLES "DescribeRouteTables" "ec2:DescribeRouteTables";
        DESCRIBE_SECURITY_GROUPS "DescribeSecurityGroups" "ec2:DescribeSecurityGroups";
        // Codes: EC2 API reference, error codes.
        DESCRIBE_SNAPSHOT_ATTRIBUTE "DescribeSnapshotAttribute" "ec2:DescribeSnapshotAttribute" {
            about: About::Resource,
            gone: &["InvalidSnapshot.NotFound"],
        };
        DESCRIBE_SNAPSHOTS "DescribeSnapshots" "ec2:DescribeSnapshots";
        DESCRIBE_SUBNETS "DescribeSubnets" "ec2:DescribeSubnets";
        DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_EXCLUSIONS "DescribeVpcBlockPublicAccessExclusions" "ec2:DescribeVpcBlockPublicAccessExclusions";
        DESCRIBE_VPC_BLOCK_PUBLIC_ACCESS_OPTIONS "DescribeVpcBlockPublicAccessOptions" "ec2:DescribeVpcBlockPublicAccessOptions";
        DESCRIBE_VPC_ENDPOINTS "DescribeVpcEndpoints" "ec2:DescribeVpcEndpoints";
        DESCRIBE_VPCS "DescribeVpcs" "ec2:DescribeVpcs";
        GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE "GetImageBlockPublicAccessState"
            "ec2:GetImageBlockPublicAccessState";
        GET_MANAGED_PREFIX_LIST_ENTRIES "GetManagedPrefixListEntries" "ec2:GetManagedPrefixListEntries" {
            about: About::Resource,
        };
        GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE "GetSnapshotBlockPublicAccessState"
            "ec2:GetSnapshotBlockPublicAccessState";
    }
    ecr "ecr" "ECR" {
        // Codes: ECR API reference of each operation.
        DESCRIBE_REPOSITORIES "DescribeRepositories" "ecr:DescribeRepositories";
        GET_REGISTRY_POLICY "GetRegistryPolicy" "ecr:GetRegistryPolicy" {
            absent: &["RegistryPolicyNotFoundException"],
        };
        GET_REPOSITORY_POLICY "GetRepositoryPolicy" "ecr:GetRepositoryPolicy" {
            about: About::Resource,
            absent: &["RepositoryPolicyNotFoundException"],
            gone: &["RepositoryNotFoundException"],
        };
    }
    ecs "ecs" "ECS" {
        // Codes: ECS API reference of each operation.
        DESCRIBE_TASK_DEFINITION "DescribeTaskDefinition" "ecs:DescribeTaskDefinition" {
            about: About::Resource,
        };
        DESCRIBE_TASKS "DescribeTasks" "ecs:DescribeTasks" {
            about: About::Resource,
            gone: &["ClusterNotFoundException"],
        };
        LIST_CLUSTERS "ListClusters" "ecs:ListClusters";
        LIST_TASKS "ListTasks" "ecs:ListTasks" {
            about: About::Resource,
            gone: &["ClusterNotFoundException"],
        };
    }
    eks "eks" "EKS" {
        // Codes: EKS API reference, DescribeCluster.
        DESCRIBE_CLUSTER "DescribeCluster" "eks:DescribeCluster" {
            about: About::Resource,
            gone: &["ResourceNotFoundException"],
        };
        LIST_CLUSTERS "ListClusters" "eks:ListClusters";
    }
    elasticache "elasticache" "ElastiCache" {
        DESCRIBE_CACHE_CLUSTERS "DescribeCacheClusters" "elasticache:DescribeCacheClusters" {
            only_latent: true,
        };
        DESCRIBE_SERVERLESS_CACHES "DescribeServerlessCaches" "elasticache:DescribeServerlessCaches";
    }
    elb "elb" "ElasticLoadBalancing" {
        DESCRIBE_LOAD_BALANCERS "DescribeLoadBalancers" "elasticloadbalancing:DescribeLoadBalancers";
    }
    elbv2 "elbv2" "ElasticLoadBalancingv2" {
        DESCRIBE_LISTENERS "DescribeListeners" "elasticloadbalancing:DescribeListeners" {
            about: About::Resource,
            gone: &["ListenerNotFound", "LoadBalancerNotFound"],
        };
        DESCRIBE_LOAD_BALANCERS "DescribeLoadBalancers" "elasticloadbalancing:DescribeLoadBalancers";
        DESCRIBE_RULES "DescribeRules" "elasticloadbalancing:DescribeRules" {
            about: About::Resource,
            gone: &["ListenerNotFound"],
        };
        DESCRIBE_TARGET_GROUP_ATTRIBUTES "DescribeTargetGroupAttributes" "elasticloadbalancing:DescribeTargetGroupAttributes" {
            about: About::Resource,
            gone: &["TargetGroupNotFound"],
        };
        DESCRIBE_TARGET_GROUPS "DescribeTargetGroups" "elasticloadbalancing:DescribeTargetGroups";
        DESCRIBE_TARGET_HEALTH "DescribeTargetHealth" "elasticloadbalancing:DescribeTargetHealth" {
            about: About::Resource,
            gone: &["TargetGroupNotFound"],
        };
    }
    iam "iam" "IAM" {
        GET_ACCOUNT_AUTHORIZATION_DETAILS "GetAccountAuthorizationDetails" "iam:GetAccountAuthorizationDetails" {
            about: About::Account,
        };
    }
    kafka "kafka" "Kafka" {
        LIST_CLUSTERS_V2 "ListClustersV2" "kafka:ListClustersV2";
    }
    kms "kms" "KMS" {
        // Codes: KMS API reference of each operation.
        DESCRIBE_KEY "DescribeKey" "kms:DescribeKey" {
            about: About::Resource,
            gone: &["NotFoundException"],
        };
        GET_KEY_POLICY "GetKeyPolicy" "kms:GetKeyPolicy" {
            about: About::Resource,
            gone: &["NotFoundException"],
        };
        LIST_ALIASES "ListAliases" "kms:ListAliases";
        LIST_KEYS "ListKeys" "kms:ListKeys";
    }
    lambda "lambda" "Lambda" {
        // Codes: Lambda API reference of each call. That a function has no policy is said with the
        // code that says that the function is gone: either way it lets nobody in.
        GET_FUNCTION_CONCURRENCY "GetFunctionConcurrency" "lambda:GetFunctionConcurrency" {
            about: About::Resource,
            gone: &["ResourceNotFoundException"],
        };
        GET_LAYER_VERSION_POLICY "GetLayerVersionPolicy" "lambda:GetLayerVersionPolicy" {
            about: About::Resource,
            absent: &["ResourceNotFoundException"],
        };
        GET_POLICY "GetPolicy" "lambda:GetPolicy" {
            about: About::Resource,
            absent: &["ResourceNotFoundException"],
        };
        LIST_ALIASES "ListAliases" "lambda:ListAliases" {
            about: About::Resource,
            gone: &["ResourceNotFoundException"],
        };
        LIST_FUNCTION_URL_CONFIGS "ListFunctionUrlConfigs" "lambda:ListFunctionUrlConfigs" {
            about: About::Resource,
            gone: &["ResourceNotFoundException"],
        };
        LIST_FUNCTIONS "ListFunctions" "lambda:ListFunctions";
        LIST_LAYER_VERSIONS "ListLayerVersions" "lambda:ListLayerVersions" {
            about: About::Resource,
            gone: &["ResourceNotFoundException"],
        };
        LIST_LAYERS "ListLayers" "lambda:ListLayers";
    }
    memorydb "memorydb" "MemoryDB" {
        DESCRIBE_CLUSTERS "DescribeClusters" "memorydb:DescribeClusters" { only_latent: true };
    }
    mq "mq" "mq" {
        // Codes: Amazon MQ API reference, DescribeBroker.
        DESCRIBE_BROKER "DescribeBroker" "mq:DescribeBroker" {
            about: About::Resource,
            gone: &["NotFoundException"],
        };
        LIST_BROKERS "ListBrokers" "mq:ListBrokers";
    }
    opensearch "opensearch" "OpenSearch" {
        DESCRIBE_DOMAINS "DescribeDomains" "es:DescribeDomains";
        LIST_DOMAIN_NAMES "ListDomainNames" "es:ListDomainNames";
    }
    organizations "organizations" "Organizations" {
        // Codes: Organizations API reference of each operation.
        DESCRIBE_ORGANIZATION "DescribeOrganization" "organizations:DescribeOrganization" {
            about: About::Account,
            absent: &["AWSOrganizationsNotInUseException"],
        };
        DESCRIBE_POLICY "DescribePolicy" "organizations:DescribePolicy" {
            about: About::Resource,
            gone: &["PolicyNotFoundException"],
        };
        LIST_ACCOUNTS "ListAccounts" "organizations:ListAccounts" { about: About::Account };
        LIST_PARENTS "ListParents" "organizations:ListParents" { about: About::Resource };
        LIST_POLICIES_FOR_TARGET "ListPoliciesForTarget" "organizations:ListPoliciesForTarget" {
            about: About::Resource,
        };
        LIST_ROOTS "ListRoots" "organizations:ListRoots" { about: About::Account };
    }
    rds "rds" "RDS" {
        // Codes: RDS API reference, errors of each call.
        DESCRIBE_DB_CLUSTER_SNAPSHOT_ATTRIBUTES "DescribeDBClusterSnapshotAttributes" "rds:DescribeDBClusterSnapshotAttributes" {
            about: About::Resource,
            gone: &["DBClusterSnapshotNotFoundFault"],
        };
        DESCRIBE_DB_CLUSTER_SNAPSHOTS "DescribeDBClusterSnapshots" "rds:DescribeDBClusterSnapshots";
        DESCRIBE_DB_CLUSTERS "DescribeDBClusters" "rds:DescribeDBClusters";
        DESCRIBE_DB_INSTANCES "DescribeDBInstances" "rds:DescribeDBInstances";
        DESCRIBE_DB_SNAPSHOT_ATTRIBUTES "DescribeDBSnapshotAttributes" "rds:DescribeDBSnapshotAttributes" {
            about: About::Resource,
            gone: &["DBSnapshotNotFound"],
        };
        DESCRIBE_DB_SNAPSHOTS "DescribeDBSnapshots" "rds:DescribeDBSnapshots";
    }
    redshift "redshift" "Redshift" {
        DESCRIBE_CLUSTER_SUBNET_GROUPS "DescribeClusterSubnetGroups" "redshift:DescribeClusterSubnetGroups";
        DESCRIBE_CLUSTERS "DescribeClusters" "redshift:DescribeClusters";
    }
    redshift_serverless "redshift-serverless" "RedshiftServerless" {
        LIST_WORKGROUPS "ListWorkgroups" "redshift-serverless:ListWorkgroups";
    }
    s3 "s3" "S3" {
        GET_BUCKET_ACL "GetBucketAcl" "s3:GetBucketAcl" {
            about: About::Resource,
            gone: &["NoSuchBucket"],
        };
        GET_BUCKET_LOCATION "GetBucketLocation" "s3:GetBucketLocation" {
            about: About::Resource,
            gone: &["NoSuchBucket"],
        };
        GET_BUCKET_OWNERSHIP_CONTROLS "GetBucketOwnershipControls" "s3:GetBucketOwnershipControls" {
            about: About::Resource,
            absent: &["OwnershipControlsNotFoundError"],
            gone: &["NoSuchBucket"],
        };
        GET_BUCKET_POLICY "GetBucketPolicy" "s3:GetBucketPolicy" {
            about: About::Resource,
            absent: &["NoSuchBucketPolicy"],
            gone: &["NoSuchBucket"],
        };
        GET_BUCKET_POLICY_STATUS "GetBucketPolicyStatus" "s3:GetBucketPolicyStatus" {
            about: About::Resource,
            absent: &["NoSuchBucketPolicy"],
            gone: &["NoSuchBucket"],
        };
        GET_BUCKET_REQUEST_PAYMENT "GetBucketRequestPayment" "s3:GetBucketRequestPayment" {
            about: About::Resource,
            gone: &["NoSuchBucket"],
        };
        GET_BUCKET_WEBSITE "GetBucketWebsite" "s3:GetBucketWebsite" {
            about: About::Resource,
            absent: &["NoSuchWebsiteConfiguration"],
            gone: &["NoSuchBucket"],
        };
        // The list of who may do what with an object; no body is read.
        GET_OBJECT_ACL "GetObjectAcl" "s3:GetObjectAcl" {
            about: About::Resource,
            gone: &["NoSuchBucket", "NoSuchKey"],
        };
        GET_PUBLIC_ACCESS_BLOCK "GetPublicAccessBlock" "s3:GetBucketPublicAccessBlock" {
            about: About::Resource,
            absent: &["NoSuchPublicAccessBlockConfiguration"],
            gone: &["NoSuchBucket"],
        };
        LIST_BUCKETS "ListBuckets" "s3:ListAllMyBuckets" { about: About::Account };
        // Names of objects, for the rule that samples their ACLs.
        LIST_OBJECTS_V2 "ListObjectsV2" "s3:ListBucket" {
            about: About::Resource,
            gone: &["NoSuchBucket"],
        };
    }
    s3control "s3control" "S3Control" {
        GET_ACCESS_POINT "GetAccessPoint" "s3:GetAccessPoint" {
            about: About::Resource,
            gone: &["NoSuchAccessPoint"],
        };
        GET_ACCESS_POINT_POLICY "GetAccessPointPolicy" "s3:GetAccessPointPolicy" {
            about: About::Resource,
            absent: &["NoSuchAccessPointPolicy"],
            gone: &["NoSuchAccessPoint"],
        };
        GET_ACCESS_POINT_POLICY_STATUS "GetAccessPointPolicyStatus" "s3:GetAccessPointPolicyStatus" {
            about: About::Resource,
            absent: &["NoSuchAccessPointPolicy"],
            gone: &["NoSuchAccessPoint"],
        };
        GET_MULTI_REGION_ACCESS_POINT_POLICY "GetMultiRegionAccessPointPolicy" "s3:GetMultiRegionAccessPointPolicy" {
            about: About::Resource,
            absent: &["NoSuchMultiRegionAccessPointPolicy"],
            gone: &["NoSuchMultiRegionAccessPoint"],
        };
        GET_MULTI_REGION_ACCESS_POINT_POLICY_STATUS "GetMultiRegionAccessPointPolicyStatus" "s3:GetMultiRegionAccessPointPolicyStatus" {
            about: About::Resource,
            absent: &["NoSuchMultiRegionAccessPointPolicy"],
            gone: &["NoSuchMultiRegionAccessPoint"],
        };
        GET_PUBLIC_ACCESS_BLOCK "GetPublicAccessBlock" "s3:GetAccountPublicAccessBlock" {
            about: About::Account,
            absent: &["NoSuchPublicAccessBlockConfiguration"],
        };
        LIST_ACCESS_POINTS "ListAccessPoints" "s3:ListAccessPoints";
        LIST_MULTI_REGION_ACCESS_POINTS "ListMultiRegionAccessPoints" "s3:ListMultiRegionAccessPoints" {
            about: About::Account,
        };
    }
    secretsmanager "secretsmanager" "SecretsManager" {
        // Codes: Secrets Manager API reference, GetResourcePolicy.
        GET_RESOURCE_POLICY "GetResourcePolicy" "secretsmanager:GetResourcePolicy" {
            about: About::Resource,
            gone: &["ResourceNotFoundException"],
        };
        LIST_SECRETS "ListSecrets" "secretsmanager:ListSecrets";
    }
    sns "sns" "SNS" {
        // Codes: SNS API reference, GetTopicAttributes.
        GET_TOPIC_ATTRIBUTES "GetTopicAttributes" "sns:GetTopicAttributes" {
            about: About::Resource,
            gone: &["NotFound"],
        };
        LIST_TOPICS "ListTopics" "sns:ListTopics";
    }
    sqs "sqs" "SQS" {
        // Codes: SQS API reference, GetQueueAttributes, and the name that its query protocol had.
        GET_QUEUE_ATTRIBUTES "GetQueueAttributes" "sqs:GetQueueAttributes" {
            about: About::Resource,
            gone: &["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"],
        };
        LIST_QUEUES "ListQueues" "sqs:ListQueues";
    }
    ssm "ssm" "SSM" {
        // Codes: Systems Manager API reference, DescribeDocumentPermission.
        DESCRIBE_DOCUMENT_PERMISSION "DescribeDocumentPermission" "ssm:DescribeDocumentPermission" {
            about: About::Resource,
            gone: &["InvalidDocument"],
        };
        LIST_DOCUMENTS "ListDocuments" "ssm:ListDocuments";
    }
    sts "sts" "STS" {
        // AWS asks for no permission (STS API reference, GetCallerIdentity).
        GET_CALLER_IDENTITY "GetCallerIdentity" "" { about: About::Account, connecting: true };
    }
}

/// What the SDK itself asks when a role is to be assumed, before outcrop's own clients are made. It
/// gives credentials and tells nothing of the account, so it is not among [`CALLS`].
pub static ASSUME_ROLE: Call = Call {
    about: About::Resource,
    connecting: true,
    ..Call::of("sts", "STS", "AssumeRole", "sts:AssumeRole")
};

/// Finds a declared call by the names of the SDK's metadata.
pub fn declared(sdk: &str, operation: &str) -> Option<&'static Call> {
    let sdk = sdk.replace(' ', "");
    CALLS.iter().find(|call| call.sdk == sdk && call.operation == operation).copied()
}

/// Finds a declared call by its name, for instance `s3:GetBucketPolicy`.
pub fn named(name: &str) -> Option<&'static Call> {
    let (service, operation) = name.split_once(':')?;
    CALLS.iter().find(|call| call.service == service && call.operation == operation).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_only_reads() {
        assert!(CALLS.windows(2).all(|w| w[0] < w[1]), "sorted, no call twice");
        for call in CALLS {
            let verb = ["BatchGet", "Describe", "Get", "List"];
            assert!(verb.iter().any(|v| call.operation.starts_with(v)), "{call}");
            let contents = ["GetObject", "GetItem", "GetSecretValue", "ReceiveMessage"];
            assert!(!contents.contains(&call.operation), "{call} reads customer data");
            assert!(!call.action.contains('*'), "{call} needs a wildcard");
            assert_eq!(named(&call.name()), Some(*call));
        }
    }

    #[test]
    fn only_what_is_about_one_resource_can_be_gone() {
        for call in CALLS {
            assert!(call.gone.is_empty() || call.about == About::Resource, "{call}");
        }
    }

    #[test]
    fn an_undeclared_call_is_not_found() {
        assert!(declared("S3", "GetBucketAcl").is_some());
        assert!(declared("S3", "DeleteBucket").is_none());
        assert!(declared("S3 Control", "GetPublicAccessBlock").is_some());
        assert!(named("s3:DeleteBucket").is_none() && named("s3").is_none());
    }
}
