//! Kinds of resources that policies are generated for, with the pools that statements draw from.

/// The account that owns all of them.
pub const OWNER: &str = "111122223333";

/// The organization of the owner, in those cases where it has one.
pub const OWN_ORG: &str = "o-own0000001";

/// A kind of resource that policies are generated for.
pub struct Subject {
    pub kind: &'static str,
    pub arn: &'static str,
    pub unsigned: bool,
    pub actions: &'static [&'static str],
    pub resources: &'static [&'static str],
    /// Principals of this kind of resource alone, as JSON.
    pub principals: &'static [&'static str],
    /// Concrete resources that the pool of patterns tells apart.
    pub samples: &'static [&'static str],
}

const BUCKET: &str = "arn:aws:s3:::acme-data";

pub const SUBJECTS: &[Subject] = &[
    Subject {
        kind: "aws.s3.bucket",
        arn: BUCKET,
        unsigned: true,
        actions: &[
            "s3:GetObject",
            "s3:PutObject",
            "s3:*",
            "s3:Get*",
            "s3:List*",
            "s3:ListBucket",
            "s3:PutObjectAcl",
            "s3:*Object",
            "s3:DeleteObject",
            "*",
            "s3:GetBucketAcl",
            "s3:Put*",
        ],
        resources: &[
            "arn:aws:s3:::acme-data",
            "arn:aws:s3:::acme-data/*",
            "arn:aws:s3:::acme-data/public/*",
            "arn:aws:s3:::acme-data/private/*",
            "arn:aws:s3:::acme-data/*.jpg",
            "*",
            "arn:aws:s3:::*",
            "arn:aws:s3:::acme-dat?/*",
            "arn:aws:s3:::acme-data/public/??",
            "arn:aws:s3:::other/*",
            "arn:aws:s3:::acme-data/public/a",
            "arn:aws:s3:::acme-data/home/${aws:username}/*",
            "arn:aws:s3:::acme-data/${aws:username, 'public'}/*",
        ],
        principals: &[],
        samples: &[
            "arn:aws:s3:::acme-data",
            "arn:aws:s3:::acme-data/zzzz",
            "arn:aws:s3:::acme-data/zzzz.jpg",
            "arn:aws:s3:::acme-data/public/zzzz",
            "arn:aws:s3:::acme-data/public/zzzz.jpg",
            "arn:aws:s3:::acme-data/private/zzzz",
            "arn:aws:s3:::acme-data/private/zzzz.jpg",
            "arn:aws:s3:::acme-data/public/zz",
            "arn:aws:s3:::acme-data/public/a",
            "arn:aws:s3:::acme-data/home/bob/zzzz",
            "arn:aws:s3:::acme-data/home/zzzz/zzzz",
            "arn:aws:s3:::acme-data/bob/zzzz",
            "arn:aws:s3:::acme-data/home/bob/zzzz.jpg",
            "arn:aws:s3:::acme-data/home/zzzz/zzzz.jpg",
            "arn:aws:s3:::acme-data/bob/zzzz.jpg",
            "arn:aws:s3:::acme-data/home/public/zzzz",
            "arn:aws:s3:::acme-data/home/${aws:username}/zzzz",
            "arn:aws:s3:::acme-data/home/${aws:username}/zzzz.jpg",
            "arn:aws:s3:::acme-data/${aws:username, 'public'}/zzzz",
            "arn:aws:s3:::acme-data/${aws:username, 'public'}/zzzz.jpg",
            "arn:aws:s3:::acme-data/svc-z/zzzz",
            "arn:aws:s3:::acme-data/svc-z/zzzz.jpg",
            "arn:aws:s3:::acme-data/home/svc-z/zzzz",
            "arn:aws:s3:::acme-data/home/svc-z/zzzz.jpg",
        ],
    },
    Subject {
        kind: "aws.sqs.queue",
        arn: "arn:aws:sqs:us-east-1:111122223333:jobs",
        unsigned: true,
        actions: &[
            "sqs:SendMessage",
            "sqs:ReceiveMessage",
            "sqs:*",
            "sqs:Get*",
            "*",
            "sqs:AddPermission",
        ],
        resources: &[
            "arn:aws:sqs:us-east-1:111122223333:jobs",
            "*",
            "arn:aws:sqs:*:111122223333:*",
            "arn:aws:sqs:us-east-1:111122223333:other",
            // The own name is a name that callers can have.
            "arn:aws:sqs:us-east-1:111122223333:${aws:username}",
            "arn:aws:sqs:us-east-1:111122223333:jo${aws:PrincipalTag/team}",
        ],
        principals: &[],
        samples: &["arn:aws:sqs:us-east-1:111122223333:jobs"],
    },
    Subject {
        kind: "aws.sns.topic",
        arn: "arn:aws:sns:us-east-1:111122223333:alerts",
        unsigned: true,
        actions: &["sns:Publish", "sns:Subscribe", "sns:*", "sns:Get*", "*", "SNS:List*"],
        resources: &[
            "arn:aws:sns:us-east-1:111122223333:alerts",
            "*",
            "arn:aws:sns:*:*:alerts",
            "arn:aws:sns:us-east-1:111122223333:other",
        ],
        principals: &[],
        samples: &["arn:aws:sns:us-east-1:111122223333:alerts"],
    },
    Subject {
        kind: "aws.kms.key",
        arn: "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d",
        unsigned: false,
        actions: &[
            "kms:Decrypt",
            "kms:*",
            "kms:Describe*",
            "kms:CreateGrant",
            "kms:List*",
            "kms:Encrypt",
        ],
        resources: &["*"],
        principals: &[],
        samples: &["arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d"],
    },
    Subject {
        kind: "aws.secretsmanager.secret",
        arn: "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbCdEf",
        unsigned: false,
        actions: &["secretsmanager:GetSecretValue", "secretsmanager:*", "secretsmanager:Put*", "*"],
        resources: &["*", "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-*"],
        principals: &[],
        samples: &["arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbCdEf"],
    },
    Subject {
        kind: "aws.lambda.function",
        arn: "arn:aws:lambda:us-east-1:111122223333:function:resize",
        unsigned: true,
        actions: &[
            "lambda:InvokeFunction",
            "lambda:InvokeFunctionUrl",
            "lambda:Invoke*",
            "lambda:*",
            "lambda:GetFunction",
            "lambda:AddPermission",
        ],
        resources: &[
            "arn:aws:lambda:us-east-1:111122223333:function:resize",
            "arn:aws:lambda:*:111122223333:function:*",
            "*",
            "arn:aws:lambda:us-east-1:111122223333:function:other",
        ],
        principals: &[r#"{"Service":"s3.amazonaws.com"}"#],
        samples: &[
            "arn:aws:lambda:us-east-1:111122223333:function:resize",
            // An alias: policies of functions reach it (Lambda developer guide, resource-based
            // policies: qualified ARNs).
            "arn:aws:lambda:us-east-1:111122223333:function:resize:zzzz",
        ],
    },
    Subject {
        kind: "aws.efs.filesystem",
        arn: "arn:aws:elasticfilesystem:us-east-1:111122223333:file-system/fs-0a1b2c3d",
        unsigned: true,
        actions: &[
            "elasticfilesystem:ClientMount",
            "elasticfilesystem:ClientWrite",
            "elasticfilesystem:Client*",
            "elasticfilesystem:ClientRootAccess",
            "*",
        ],
        resources: &[
            "arn:aws:elasticfilesystem:us-east-1:111122223333:file-system/fs-0a1b2c3d",
            "*",
            "arn:aws:elasticfilesystem:*:*:file-system/fs-*",
        ],
        principals: &[],
        samples: &["arn:aws:elasticfilesystem:us-east-1:111122223333:file-system/fs-0a1b2c3d"],
    },
    Subject {
        kind: "aws.iam.role",
        arn: "arn:aws:iam::111122223333:role/deploy",
        unsigned: false,
        actions: &[
            "sts:AssumeRole",
            "sts:AssumeRoleWithWebIdentity",
            "sts:AssumeRoleWithSAML",
            "sts:AssumeRole*",
            "sts:*",
            "sts:TagSession",
            "*",
        ],
        resources: &["*"],
        principals: &[
            r#"{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}"#,
            r#"{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com","AWS":"444455556666"}"#,
            r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/corp"}"#,
            r#"{"Federated":"cognito-identity.amazonaws.com"}"#,
            r#"{"Federated":"arn:aws:iam::111122223333:oidc-provider/acme.okta.com"}"#,
            r#"{"Federated":"arn:aws:iam::111122223333:oidc-provider/keycloak.example.com"}"#,
            r#"{"Service":"ec2.amazonaws.com"}"#,
        ],
        samples: &["arn:aws:iam::111122223333:role/deploy"],
    },
];
