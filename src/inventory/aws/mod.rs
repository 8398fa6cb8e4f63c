//! What AWS tells of an account, in the names of its API: a service is a struct whose fields are
//! operations, an operation is its response as the AWS CLI prints it.

// The fields' names are AWS's, whose API references say what each is. Here stands only what these
// do not say.
#![allow(missing_docs)]

#[macro_use]
mod forms;

pub mod calls;
pub mod kinds;

pub use forms::names::{Keys, OperationNames, ServiceNames, names_of};
pub use forms::{Each, Merge};

services! {
    /// Machines and what runs on them.
    compute {
        /// Elastic Compute Cloud, with all of the network.
        ec2: Ec2,
        /// Container images.
        ecr: Ecr,
        /// Containers.
        ecs: Ecs,
        /// Kubernetes clusters.
        eks: Eks,
        /// Functions.
        lambda: Lambda,
    }
    /// Databases, caches and warehouses.
    databases {
        /// Machines that copy databases.
        dms: Dms,
        /// Caches.
        elasticache: ElastiCache,
        /// In-memory databases.
        memorydb: MemoryDb,
        /// Search.
        opensearch: OpenSearch,
        /// Relational databases.
        rds: Rds,
        /// Data warehouses.
        redshift: Redshift,
        /// Data warehouses without clusters.
        #[serde(rename = "redshift-serverless")]
        redshift_serverless: RedshiftServerless,
    }
    /// Who may do what.
    identity {
        /// Credentials of AWS for users and guests of applications.
        #[serde(rename = "cognito-identity")]
        cognito_identity: CognitoIdentity,
        /// Directories of users of applications.
        #[serde(rename = "cognito-idp")]
        cognito_idp: CognitoIdp,
        /// Users, groups, roles and policies.
        iam: Iam,
        /// Keys.
        kms: Kms,
        /// Accounts of one customer, and the policies over them.
        organizations: Organizations,
        /// Passwords and other secrets.
        secretsmanager: SecretsManager,
    }
    /// Builds and automation.
    management {
        /// Builds of software.
        codebuild: CodeBuild,
        /// Scripts that run on machines.
        ssm: Ssm,
    }
    /// Queues, streams and brokers.
    messaging {
        /// Kafka clusters.
        kafka: Kafka,
        /// Message brokers.
        mq: Mq,
        /// Topics.
        sns: Sns,
        /// Queues.
        sqs: Sqs,
    }
    /// Ways in from the internet.
    network {
        /// GraphQL and event APIs.
        appsync: AppSync,
        /// Load balancers of the first generation.
        elb: Elb,
        /// Load balancers.
        elbv2: Elbv2,
    }
    /// Objects.
    storage {
        /// Object storage: buckets.
        s3: S3,
        /// Object storage: account settings and access points.
        s3control: S3Control,
    }
}

impl Services {
    /// True when nothing at all was read.
    pub fn is_empty(&self) -> bool {
        forms::is_default(self)
    }
}

responses! {
    /// A label on a resource.
    Tag {
        key: String,
        value: String,
    }
}
