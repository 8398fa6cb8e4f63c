//! The rules about AWS, by what they are about. The file of a rule is its id:
//! `sqs-queue-public` is `sqs/queue_public.rs`.

use super::Rule;

/// Declares the module of each rule and, from the same line, [`RULES`]. A family's other files
/// follow `use`.
macro_rules! rules {
    ($($family:ident $(use $($shared:ident),+)? { $($rule:ident)* })*) => {
        $(
            mod $family {
                $($(mod $shared;)+)?
                $(pub(super) mod $rule;)*
            }
        )*

        /// Every rule, sorted by id.
        pub static RULES: &[&Rule] = &[$($(&$family::$rule::RULE),*),*];
    };
}

rules! {
    ami { public }
    appsync { api_public }
    codebuild use projects { project_public webhook_untrusted_build }
    cognito use worth { identity_pool_guest user_pool_self_signup }
    cross use buckets, kinds { account_access }
    dms { replication_instance_public }
    ebs { snapshot_public }
    ec2 {
        interface_port_public
        port_public_admin
        port_public_all
        port_public_cleartext
        port_public_database
        port_public_other
        security_group_open
        vpc_block_public_access_off
    }
    ecr { repository_public }
    eks { endpoint_public }
    elasticache { cluster_security_group_open serverless_public }
    elb use balancers { public sensitive_target_public }
    exposed use doors, functions, instances, tasks, workload { workload_privileged_role }
    iam use roles { role_external role_federated_open role_public }
    kms { key_public }
    lambda use statements { function_public layer_public url_public }
    memorydb { cluster_security_group_open }
    mq { broker_public }
    msk { cluster_public }
    opensearch { domain_public }
    rds use snapshots { cluster_public cluster_snapshot_public instance_public snapshot_public }
    redshift { cluster_public serverless_workgroup_public }
    s3 use access_points, shared {
        access_point_public
        account_block_public_access_off
        bucket_block_public_access_off
        bucket_public
        multi_region_access_point_public
        object_public
    }
    secretsmanager { secret_public }
    shared { snapshot_external }
    snapshot { block_public_access_off }
    sns { topic_public }
    sqs { queue_public }
    ssm { document_public }
}
