//! One row of what is known of each service, one test: who may call unsigned, which key bounds,
//! what is optional. Sources are cited where the facts are coded.

use serde_json::{Value, json};

use outcrop::analysis::aws::policy::{Access, Context, Ruling, Subject, Verdict, Who, judge};

const ACCOUNT: &str = "111122223333";

fn arn(kind: &str) -> String {
    let rest = match kind {
        "aws.s3.bucket" => return "arn:aws:s3:::acme-data".into(),
        "aws.sqs.queue" => "sqs:us-east-1:111122223333:jobs",
        "aws.sns.topic" => "sns:us-east-1:111122223333:alerts",
        "aws.kms.key" => "kms:us-east-1:111122223333:key/1",
        "aws.lambda.function" => "lambda:us-east-1:111122223333:function:resize",
        "aws.ecr.repository" => "ecr:us-east-1:111122223333:repository/app",
        "aws.secretsmanager.secret" => "secretsmanager:us-east-1:111122223333:secret:db-AbCdEf",
        "aws.glacier.vault" => "glacier:us-east-1:111122223333:vaults/v",
        "aws.backup.vault" => "backup:us-east-1:111122223333:backup-vault:v",
        "aws.events.bus" => "events:us-east-1:111122223333:event-bus/b",
        "aws.dynamodb.table" => "dynamodb:us-east-1:111122223333:table/t",
        "aws.efs.filesystem" => "elasticfilesystem:us-east-1:111122223333:file-system/fs-1",
        "aws.opensearch.domain" => "es:us-east-1:111122223333:domain/d",
        "aws.apigateway.restapi" => "execute-api:us-east-1:111122223333:a1b2c3",
        "aws.iam.role" => "iam::111122223333:role/deploy",
        other => panic!("no ARN for {other}"),
    };
    format!("arn:aws:{rest}")
}

fn ruled(kind: &str, statement: &Value, url: Option<&str>) -> Ruling {
    let context = Context { function_url: Some(url.map(str::to_owned)), ..Context::default() };
    let arn = arn(kind);
    let subject = Subject { kind, arn: &arn, owner_account: ACCOUNT, context: &context };
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
    judge(&policy.to_string(), &subject)
}

fn allow(action: &str, principal: Value, condition: Value) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*",
           "Condition": condition})
}

#[test]
fn everybody_is_anyone_only_where_unsigned_calls_work() {
    for (kind, action, who, access) in [
        ("aws.s3.bucket", "s3:GetObject", "anyone", "read"),
        ("aws.sqs.queue", "sqs:ReceiveMessage", "anyone", "read"),
        ("aws.sns.topic", "sns:Subscribe", "anyone", "read"),
        ("aws.sns.topic", "sns:SetTopicAttributes", "anyone", "permissions"),
        ("aws.efs.filesystem", "elasticfilesystem:ClientMount", "anyone", "read"),
        ("aws.opensearch.domain", "es:ESHttpGet", "anyone", "read"),
        ("aws.apigateway.restapi", "execute-api:Invoke", "anyone", "write"),
        ("aws.kms.key", "kms:Decrypt", "any-aws", "read"),
        ("aws.ecr.repository", "ecr:BatchGetImage", "any-aws", "read"),
        ("aws.secretsmanager.secret", "secretsmanager:GetSecretValue", "any-aws", "read"),
        ("aws.glacier.vault", "glacier:InitiateJob", "any-aws", "read"),
        ("aws.backup.vault", "backup:CopyIntoBackupVault", "any-aws", "write"),
        ("aws.events.bus", "events:PutEvents", "any-aws", "write"),
        ("aws.dynamodb.table", "dynamodb:GetItem", "any-aws", "read"),
        ("aws.lambda.function", "lambda:InvokeFunction", "any-aws", "write"),
        ("aws.iam.role", "sts:AssumeRole", "any-aws", "permissions"),
    ] {
        let ruling = ruled(kind, &allow(action, json!("*"), json!({})), Some("NONE"));
        assert_eq!(ruling.verdict, Verdict::Public, "{kind} {action}");
        assert_eq!(ruling.who().map(Who::text).as_deref(), Some(who), "{kind} {action}");
        let given: Vec<&str> = ruling.access().into_iter().map(Access::name).collect();
        assert_eq!(given, [access], "{kind} {action}");
    }
}

/// SQS developer guide, limitations of custom policies.
#[test]
fn a_policy_of_a_queue_gives_nobody_else_what_only_its_account_may_do() {
    let own = allow("sqs:SetQueueAttributes", json!("*"), json!({}));
    assert_eq!(ruled("aws.sqs.queue", &own, None).verdict, Verdict::Private);
    let all = ruled("aws.sqs.queue", &allow("sqs:*", json!("*"), json!({})), None);
    assert_eq!(all.verdict, Verdict::Public);
    let given: Vec<&str> = all.access().into_iter().map(Access::name).collect();
    assert_eq!(given, ["read", "write"], "and no permissions");
}

/// KMS developer guide, "Allowing users in other accounts to use a KMS key"; Secrets Manager user
/// guide, "Access Secrets Manager secrets from a different account".
#[test]
fn policies_of_keys_and_secrets_give_other_accounts_only_what_works_from_there() {
    let verdict =
        |kind, action: &str| ruled(kind, &allow(action, json!("*"), json!({})), None).verdict;
    for action in
        ["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:EnableKey", "kms:ListKeyPolicies"]
    {
        assert_eq!(verdict("aws.kms.key", action), Verdict::Private, "{action}");
    }
    for action in ["kms:CreateGrant", "kms:ReEncryptFrom", "kms:Sign", "kms:RevokeGrant"] {
        assert_eq!(verdict("aws.kms.key", action), Verdict::Public, "{action}");
    }
    let secret = "aws.secretsmanager.secret";
    assert_eq!(verdict(secret, "secretsmanager:CreateSecret"), Verdict::Private);
    assert_eq!(verdict(secret, "secretsmanager:PutResourcePolicy"), Verdict::Public);
}

/// KMS developer guide, "AWS managed keys": one statement for everyone who comes from the own account
/// through one service.
#[test]
fn the_policy_of_an_aws_managed_key_lets_its_own_account_in_only() {
    let both = json!({"StringEquals": {
        "kms:CallerAccount": ACCOUNT, "kms:ViaService": "ec2.us-east-1.amazonaws.com"}});
    let statement = allow("kms:Decrypt", json!({"AWS": "*"}), both);
    assert_eq!(ruled("aws.kms.key", &statement, None).verdict, Verdict::Private);
}

#[test]
fn conditions_of_one_service_bound_as_its_notes_say() {
    let equals = |key: &str, value: &str| json!({"StringEquals": {key: value}});
    for (kind, action, condition, verdict) in [
        ("aws.sns.topic", "sns:Publish", equals("aws:SourceOwner", ACCOUNT), Verdict::Private),
        ("aws.kms.key", "kms:Decrypt", equals("kms:CallerAccount", ACCOUNT), Verdict::Private),
        (
            "aws.kms.key",
            "kms:Decrypt",
            equals("kms:CallerAccount", "444455556666"),
            Verdict::CrossAccount,
        ),
        (
            "aws.kms.key",
            "kms:Decrypt",
            equals("kms:ViaService", "s3.us-east-1.amazonaws.com"),
            Verdict::Public,
        ),
        (
            "aws.efs.filesystem",
            "elasticfilesystem:ClientMount",
            json!({"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}),
            Verdict::Bounded,
        ),
        (
            "aws.apigateway.restapi",
            "execute-api:Invoke",
            equals("aws:SourceVpce", "vpce-1a2b3c4d"),
            Verdict::Bounded,
        ),
        ("aws.iam.role", "sts:AssumeRole", equals("sts:ExternalId", "x42"), Verdict::Conditional),
        (
            "aws.iam.role",
            "sts:AssumeRole",
            json!({"StringLike": {"sts:ExternalId": "*"}}),
            Verdict::Public,
        ),
    ] {
        let ruling = ruled(kind, &allow(action, json!("*"), condition.clone()), None);
        assert_eq!(ruling.verdict, verdict, "{kind} {condition}");
    }
}

#[test]
fn a_function_is_called_without_signature_only_through_an_open_url() {
    let url = |auth: Option<&str>| {
        let statement = allow(
            "lambda:InvokeFunctionUrl",
            json!("*"),
            json!({"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}),
        );
        ruled("aws.lambda.function", &statement, auth).verdict
    };
    assert_eq!(url(Some("NONE")), Verdict::Public);
    assert_eq!(url(Some("AWS_IAM")), Verdict::Private);
    assert_eq!(url(None), Verdict::Private);
}

#[test]
fn a_service_may_be_a_confused_deputy_unless_it_is_known_to_check() {
    let deputies = |kind, action, service: &str, condition| {
        let statement = allow(action, json!({"Service": service}), condition);
        let ruling = ruled(kind, &statement, None);
        assert_eq!(ruling.verdict, Verdict::Service, "{kind} {service}");
        ruling.confused_deputies().len()
    };
    let bucket = || json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::acme-data"}});
    let sns = "sns.amazonaws.com";
    let source = |account: &str| json!({"StringEquals": {"aws:SourceAccount": account}});
    let (send, invoke) = ("sqs:SendMessage", "lambda:InvokeFunction");
    assert_eq!(deputies("aws.sqs.queue", send, sns, json!({})), 1);
    assert_eq!(deputies("aws.sqs.queue", send, sns, source(ACCOUNT)), 0);
    let if_exists = json!({"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}});
    assert_eq!(deputies("aws.sqs.queue", send, sns, if_exists), 1);
    // The name of a bucket alone says nothing of whose it is.
    assert_eq!(deputies("aws.lambda.function", invoke, "s3.amazonaws.com", bucket()), 1);
    for service in ["secretsmanager.amazonaws.com", "eks.amazonaws.com"] {
        assert_eq!(deputies("aws.lambda.function", invoke, service, json!({})), 0, "{service}");
    }
    // Whoever sets a service to work with a role needs iam:PassRole in the account.
    assert_eq!(deputies("aws.iam.role", "sts:AssumeRole", "ec2.amazonaws.com", json!({})), 0);
}

#[test]
fn trust_in_providers_is_as_wide_as_their_claims() {
    let github = "token.actions.githubusercontent.com";
    let oidc = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{github}");
    let cognito = "cognito-identity.amazonaws.com";
    let saml = format!("arn:aws:iam::{ACCOUNT}:saml-provider/corp");
    let sub = |pattern: &str| json!({"StringLike": {format!("{github}:sub"): pattern}});
    let aud = json!({"StringEquals": {format!("{github}:aud"): "sts.amazonaws.com"}});
    let pool = |more: Value| {
        let mut condition =
            json!({"StringEquals": {format!("{cognito}:aud"): "us-east-1:1234-pool"}});
        condition
            .as_object_mut()
            .expect("an object")
            .extend(more.as_object().cloned().unwrap_or_default());
        condition
    };
    let member = json!({"ForAnyValue:StringLike": {format!("{cognito}:amr"): "authenticated"}});
    let guest = json!({"ForAnyValue:StringLike": {format!("{cognito}:amr"): "unauthenticated"}});
    let web = "sts:AssumeRoleWithWebIdentity";
    for (principal, action, condition, verdict) in [
        (&oidc[..], web, sub("repo:acme/*"), Verdict::CrossAccount),
        (&oidc, web, sub("repo:acme*"), Verdict::Public),
        (&oidc, web, sub("repo:*"), Verdict::Public),
        (&oidc, web, aud, Verdict::Public),
        (cognito, web, json!({}), Verdict::Public),
        // Whether the pool admits guests is not known.
        (cognito, web, pool(json!({})), Verdict::Conditional),
        (cognito, web, pool(member), Verdict::CrossAccount),
        (cognito, web, pool(guest), Verdict::Conditional),
        (&saml, "sts:AssumeRoleWithSAML", json!({}), Verdict::Private),
    ] {
        let statement = allow(action, json!({"Federated": principal}), condition.clone());
        let ruling = ruled("aws.iam.role", &statement, None);
        assert_eq!(ruling.verdict, verdict, "{principal} {condition}");
    }
}

#[test]
fn policies_of_one_resource_need_not_name_it() {
    for (kind, action, verdict) in [
        ("aws.ecr.repository", "ecr:BatchGetImage", Verdict::Public),
        ("aws.iam.role", "sts:AssumeRole", Verdict::Public),
        ("aws.sqs.queue", "sqs:SendMessage", Verdict::Error),
    ] {
        let statement = json!({"Effect": "Allow", "Principal": "*", "Action": action});
        assert_eq!(ruled(kind, &statement, None).verdict, verdict, "{kind}");
    }
}
