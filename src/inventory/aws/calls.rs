//! Every call that outcrop may make, with the permission that it needs.
//!
//! The one list behind three promises: no other operation leaves the process, the printed policy
//! is exactly what a scan uses, and nothing on it changes an account or reads what customers
//! stored. Actions: AWS Service Authorization Reference.

/// One operation of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// Service in outcrop's terms and in `service:Operation` names.
    pub service: &'static str,
    /// Name of the service in the SDK's metadata (its service id without spaces).
    pub sdk: &'static str,
    /// Operation of the API.
    pub operation: &'static str,
    /// IAM action that allows it; empty where AWS asks for none.
    pub action: &'static str,
}

impl Call {
    /// The name by which rules ask for it, for instance `s3:GetBucketPolicy`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }
}

macro_rules! calls {
    ($($service:literal $sdk:literal { $($operation:literal $action:literal)* })*) => {
        &[$($(Call { service: $service, sdk: $sdk, operation: $operation, action: $action }),*),*]
    };
}

/// The declared calls, sorted by service and operation.
pub static CALLS: &[Call] = calls! {
    "dms" "DatabaseMigrationService" {
        "DescribeReplicationInstances" "dms:DescribeReplicationInstances"
    }
    "ec2" "EC2" {
        "DescribeInstances" "ec2:DescribeInstances"
        "DescribeInternetGateways" "ec2:DescribeInternetGateways"
        "DescribeNetworkAcls" "ec2:DescribeNetworkAcls"
        "DescribeNetworkInterfaces" "ec2:DescribeNetworkInterfaces"
        "DescribeRegions" "ec2:DescribeRegions"
        "DescribeRouteTables" "ec2:DescribeRouteTables"
        "DescribeSecurityGroups" "ec2:DescribeSecurityGroups"
        "DescribeSubnets" "ec2:DescribeSubnets"
        "DescribeVpcBlockPublicAccessExclusions" "ec2:DescribeVpcBlockPublicAccessExclusions"
        "DescribeVpcBlockPublicAccessOptions" "ec2:DescribeVpcBlockPublicAccessOptions"
        "DescribeVpcEndpoints" "ec2:DescribeVpcEndpoints"
        "GetManagedPrefixListEntries" "ec2:GetManagedPrefixListEntries"
    }
    "eks" "EKS" {
        "DescribeCluster" "eks:DescribeCluster"
        "ListClusters" "eks:ListClusters"
    }
    "elasticache" "ElastiCache" {
        "DescribeCacheClusters" "elasticache:DescribeCacheClusters"
    }
    "elb" "ElasticLoadBalancing" {
        "DescribeLoadBalancers" "elasticloadbalancing:DescribeLoadBalancers"
    }
    "elbv2" "ElasticLoadBalancingv2" {
        "DescribeListeners" "elasticloadbalancing:DescribeListeners"
        "DescribeLoadBalancers" "elasticloadbalancing:DescribeLoadBalancers"
        "DescribeRules" "elasticloadbalancing:DescribeRules"
        "DescribeTargetGroupAttributes" "elasticloadbalancing:DescribeTargetGroupAttributes"
        "DescribeTargetGroups" "elasticloadbalancing:DescribeTargetGroups"
        "DescribeTargetHealth" "elasticloadbalancing:DescribeTargetHealth"
    }
    "kafka" "Kafka" {
        "ListClustersV2" "kafka:ListClustersV2"
    }
    "memorydb" "MemoryDB" {
        "DescribeClusters" "memorydb:DescribeClusters"
    }
    "mq" "mq" {
        "DescribeBroker" "mq:DescribeBroker"
        "ListBrokers" "mq:ListBrokers"
    }
    "rds" "RDS" {
        "DescribeDBClusters" "rds:DescribeDBClusters"
        "DescribeDBInstances" "rds:DescribeDBInstances"
    }
    "redshift-serverless" "RedshiftServerless" {
        "ListWorkgroups" "redshift-serverless:ListWorkgroups"
    }
    "redshift" "Redshift" {
        "DescribeClusterSubnetGroups" "redshift:DescribeClusterSubnetGroups"
        "DescribeClusters" "redshift:DescribeClusters"
    }
    "s3" "S3" {
        "GetBucketAcl" "s3:GetBucketAcl"
        "GetBucketLocation" "s3:GetBucketLocation"
        "GetBucketOwnershipControls" "s3:GetBucketOwnershipControls"
        "GetBucketPolicy" "s3:GetBucketPolicy"
        "GetBucketPolicyStatus" "s3:GetBucketPolicyStatus"
        "GetBucketRequestPayment" "s3:GetBucketRequestPayment"
        "GetBucketWebsite" "s3:GetBucketWebsite"
        // The list of who may do what with an object; no body is read.
        "GetObjectAcl" "s3:GetObjectAcl"
        "GetPublicAccessBlock" "s3:GetBucketPublicAccessBlock"
        "ListBuckets" "s3:ListAllMyBuckets"
        // Names of objects, for the rule that samples their ACLs.
        "ListObjectsV2" "s3:ListBucket"
    }
    "s3control" "S3Control" {
        "GetAccessPoint" "s3:GetAccessPoint"
        "GetAccessPointPolicy" "s3:GetAccessPointPolicy"
        "GetAccessPointPolicyStatus" "s3:GetAccessPointPolicyStatus"
        "GetMultiRegionAccessPointPolicy" "s3:GetMultiRegionAccessPointPolicy"
        "GetMultiRegionAccessPointPolicyStatus" "s3:GetMultiRegionAccessPointPolicyStatus"
        "GetPublicAccessBlock" "s3:GetAccountPublicAccessBlock"
        "ListAccessPoints" "s3:ListAccessPoints"
        "ListMultiRegionAccessPoints" "s3:ListMultiRegionAccessPoints"
    }
    "sts" "STS" {
        // AWS asks for no permission (STS API reference, GetCallerIdentity).
        "GetCallerIdentity" ""
    }
};

/// Finds a declared call by the names of the SDK's metadata.
pub fn declared(sdk: &str, operation: &str) -> Option<&'static Call> {
    let sdk = sdk.replace(' ', "");
    CALLS.iter().find(|call| call.sdk == sdk && call.operation == operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_only_reads() {
        assert!(CALLS.windows(2).all(|w| w[0].name() < w[1].name()), "sorted, no call twice");
        for call in CALLS {
            let verb = ["Describe", "Get", "List"];
            assert!(verb.iter().any(|v| call.operation.starts_with(v)), "{}", call.name());
            let contents = ["GetObject", "GetItem", "GetSecretValue", "ReceiveMessage"];
            assert!(!contents.contains(&call.operation), "{} reads customer data", call.name());
            assert!(!call.action.contains('*'), "{} needs a wildcard", call.name());
        }
    }

    #[test]
    fn an_undeclared_call_is_not_found() {
        assert!(declared("S3", "GetBucketAcl").is_some());
        assert!(declared("S3", "DeleteBucket").is_none());
        assert!(declared("S3 Control", "GetPublicAccessBlock").is_some());
    }
}
