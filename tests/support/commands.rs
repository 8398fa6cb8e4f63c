//! What the commands that reports print do to an account: the calls of the AWS CLI that we print,
//! and no others. A word, an option or a call that is not known here is a failure, and so is a
//! command about something that is not there.

use outcrop::inventory::{self, Snapshot};
use serde_json::{Map, Value, json};

/// The account after all of `commands`.
pub fn after(snapshot: &Snapshot, commands: &[String]) -> Snapshot {
    let mut facts = serde_json::to_value(snapshot).unwrap();
    for command in commands {
        apply(&mut facts, command);
    }
    let mut snapshots = Vec::new();
    inventory::load(&facts.to_string(), |snapshot| snapshots.push(snapshot)).unwrap();
    snapshots.remove(0)
}

/// The words of a command as a POSIX shell reads them, where nothing is expanded.
pub fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = command.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next().expect("a quote that ends") {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(chars.next().expect("what is escaped")),
            c => {
                let means_something = "|&;<>()$`\"*?[]#{}!~\n\t".contains(c);
                assert!(!means_something, "`{c}` means something to a shell: {command}");
                word.get_or_insert_default().push(c);
            }
        }
    }
    words.extend(word);
    words
}

/// The options of a command: each with its values.
struct Options<'c>(Vec<(&'c str, Vec<&'c str>)>, &'c str);

impl<'c> Options<'c> {
    fn of(words: &'c [String], command: &'c str) -> Self {
        let mut options: Vec<(&str, Vec<&str>)> = Vec::new();
        for word in words {
            match word.strip_prefix("--") {
                Some(name) => options.push((name, Vec::new())),
                None => options.last_mut().expect("an option first").1.push(word),
            }
        }
        Options(options, command)
    }

    fn all(&mut self, name: &str) -> Vec<&'c str> {
        let at = self.0.iter().position(|(option, _)| *option == name);
        self.0.remove(at.unwrap_or_else(|| panic!("no --{name}: {}", self.1))).1
    }

    fn one(&mut self, name: &str) -> &'c str {
        let values = self.all(name);
        let [value] = values.as_slice() else { panic!("--{name} {values:?}: {}", self.1) };
        value
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(option, _)| *option == name)
    }

    fn maybe(&mut self, name: &str) -> Option<&'c str> {
        self.has(name).then(|| self.one(name))
    }

    fn is(&mut self, name: &str, value: &str) {
        assert_eq!(self.one(name), value, "--{name}: {}", self.1);
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// `Name=value,Name=value`, as the AWS CLI takes structures.
fn shorthand(text: &str) -> Map<String, Value> {
    let pairs = text.split(',').map(|pair| pair.split_once('=').expect("a name and a value"));
    let value = |value: &str| match value {
        "true" => json!(true),
        "false" => json!(false),
        other => json!(other),
    };
    pairs.map(|(name, text)| (name.to_owned(), value(text))).collect()
}

fn list<'v>(of: &'v mut Value, pointer: &str) -> &'v mut Vec<Value> {
    let found = of.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}"));
    found.as_array_mut().expect("a list")
}

/// The one element of a list whose `key` is `id`.
fn named<'v>(list: &'v mut [Value], key: &str, id: &str) -> &'v mut Value {
    let found = list.iter_mut().find(|one| one[key] == id);
    found.unwrap_or_else(|| panic!("nothing with {key} {id}"))
}

/// Takes everyone, or accounts, out of the `restore` attribute of a database snapshot.
fn take_away(attributes: &mut [Value], options: &mut Options<'_>) {
    options.is("attribute-name", "restore");
    let restore = named(attributes, "AttributeName", "restore");
    let all = list(restore, "/AttributeValues");
    for value in options.all("values-to-remove") {
        let before = all.len();
        all.retain(|one| one != value);
        assert!(all.len() < before, "no {value}: {}", options.1);
    }
}

fn apply(facts: &mut Value, command: &str) {
    let words = words(command);
    let [aws, service, operation, rest @ ..] = words.as_slice() else { panic!("{command}") };
    assert_eq!(aws, "aws", "{command}");
    let mut options = Options::of(rest, command);
    let global = matches!(service.as_str(), "iam" | "s3api" | "s3control");
    let regional = operation.contains("-access-point-policy");
    let multi = operation == "put-multi-region-access-point-policy";
    let scope = if multi {
        options.is("region", "us-west-2");
        &mut facts["global"]
    } else if global && !regional {
        &mut facts["global"]
    } else {
        let region = options.one("region");
        facts["regions"].get_mut(region).unwrap_or_else(|| panic!("no {region}: {command}"))
    };
    if service == "s3control" {
        options.one("account-id");
    }
    match (service.as_str(), operation.as_str()) {
        ("ec2", "revoke-security-group-ingress") => revoke(scope, &mut options),
        ("ec2", "modify-image-attribute") => {
            let id = options.one("image-id");
            let removed = options.one("launch-permission");
            let removed = removed.strip_prefix("Remove=[").and_then(|rest| rest.strip_suffix(']'));
            for one in removed.expect("what is removed").split(',') {
                let one = one.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap();
                if one == "Group=all" {
                    let answer = &mut scope["ec2"]["DescribeImages"];
                    named(list(answer, "/Images"), "ImageId", id)["Public"] = json!(false);
                    continue;
                }
                let (key, value) = one.split_once('=').unwrap();
                let answer = &mut scope["ec2"]["DescribeImageAttribute"][id];
                let all = list(answer, "/LaunchPermissions");
                named(all, key, value);
                all.retain(|one| one[key] != value);
            }
        }
        ("ec2", "modify-snapshot-attribute") => {
            options.is("attribute", "createVolumePermission");
            options.is("operation-type", "remove");
            let id = options.one("snapshot-id");
            let answer = &mut scope["ec2"]["DescribeSnapshotAttribute"][id];
            let all = list(answer, "/CreateVolumePermissions");
            let (key, values) = match options.has("user-ids") {
                true => ("UserId", options.all("user-ids")),
                false => ("Group", options.all("group-names")),
            };
            for value in values {
                named(all, key, value);
                all.retain(|one| one[key] != value);
            }
        }
        ("ec2", "enable-snapshot-block-public-access") => {
            let answer = &mut scope["ec2"]["GetSnapshotBlockPublicAccessState"];
            answer["State"] = json!(options.one("state"));
        }
        ("ec2", "enable-image-block-public-access") => {
            let answer = &mut scope["ec2"]["GetImageBlockPublicAccessState"];
            let state = options.one("image-block-public-access-state");
            answer["ImageBlockPublicAccessState"] = json!(state);
        }
        ("ec2", "modify-vpc-block-public-access-options") => {
            let mode = options.one("internet-gateway-block-mode");
            let answer = &mut scope["ec2"]["DescribeVpcBlockPublicAccessOptions"];
            answer["VpcBlockPublicAccessOptions"]["InternetGatewayBlockMode"] = json!(mode);
            // Read from then on, where nobody had asked while it was off.
            let left_out = &mut scope["ec2"]["DescribeVpcBlockPublicAccessExclusions"];
            if left_out.is_null() {
                *left_out = json!({"VpcBlockPublicAccessExclusions": []});
            }
        }
        ("ec2", "delete-vpc-block-public-access-exclusion") => {
            let id = options.one("exclusion-id");
            let answer = &mut scope["ec2"]["DescribeVpcBlockPublicAccessExclusions"];
            let all = list(answer, "/VpcBlockPublicAccessExclusions");
            named(all, "ExclusionId", id);
            all.retain(|one| one["ExclusionId"] != id);
        }
        ("codebuild", "update-project-visibility") => {
            let arn = options.one("project-arn");
            let answer = &mut scope["codebuild"]["BatchGetProjects"];
            let projects = list(answer, "/projects");
            let own = |one: &&mut Value| {
                let name = one["name"].as_str().unwrap();
                one["arn"] == *arn || arn.ends_with(&format!(":project/{name}"))
            };
            let project = projects.iter_mut().find(own).expect("a project of this ARN");
            project["projectVisibility"] = json!(options.one("project-visibility"));
        }
        ("codebuild", "update-webhook") => {
            let name = options.one("project-name");
            let answer = &mut scope["codebuild"]["BatchGetProjects"];
            let project = named(list(answer, "/projects"), "name", name);
            let policy = options.one("pull-request-build-policy");
            let asks = policy.strip_prefix("requiresCommentApproval=").expect("what it asks");
            // Roles that are not named are the default: those who may write.
            project["webhook"]["pullRequestBuildPolicy"] =
                json!({ "requiresCommentApproval": asks });
        }
        ("opensearch", "update-domain-config") => {
            let answer = &mut scope["opensearch"]["DescribeDomains"];
            let name = options.one("domain-name");
            let domain = named(list(answer, "/DomainStatusList"), "DomainName", name);
            domain["AccessPolicies"] = json!(options.one("access-policies"));
        }
        ("ssm", "modify-document-permission") => {
            options.is("permission-type", "Share");
            options.is("account-ids-to-remove", "all");
            let answer = &mut scope["ssm"]["DescribeDocumentPermission"][options.one("name")];
            list(answer, "/AccountIds").retain(|one| one != "all");
        }
        ("cognito-identity", "update-identity-pool") => guests_off(scope, &mut options),
        ("rds", "modify-db-snapshot-attribute") => {
            let id = options.one("db-snapshot-identifier");
            let answer = &mut scope["rds"]["DescribeDBSnapshotAttributes"][id];
            let all = "/DBSnapshotAttributesResult/DBSnapshotAttributes";
            take_away(list(answer, all), &mut options);
        }
        ("rds" | "docdb" | "neptune", "modify-db-cluster-snapshot-attribute") => {
            let id = options.one("db-cluster-snapshot-identifier");
            let answer = &mut scope["rds"]["DescribeDBClusterSnapshotAttributes"][id];
            let all = "/DBClusterSnapshotAttributesResult/DBClusterSnapshotAttributes";
            take_away(list(answer, all), &mut options);
        }
        ("elbv2", "deregister-targets") => deregister(scope, &mut options),
        ("elb", "delete-load-balancer-listeners") => {
            let name = options.one("load-balancer-name");
            let answer = &mut scope["elb"]["DescribeLoadBalancers"];
            let all = list(answer, "/LoadBalancerDescriptions");
            let listeners = named(all, "LoadBalancerName", name);
            for port in options.all("load-balancer-ports") {
                let port: i64 = port.parse().unwrap();
                let all = list(listeners, "/ListenerDescriptions");
                let before = all.len();
                all.retain(|one| one["Listener"]["LoadBalancerPort"] != port);
                assert!(all.len() < before, "no listener on {port}: {command}");
            }
        }
        ("eks", "update-cluster-config") => {
            let name = options.one("name");
            options.is(
                "resources-vpc-config",
                "endpointPublicAccess=false,endpointPrivateAccess=true",
            );
            let config = &mut scope["eks"]["DescribeCluster"][name]["cluster"];
            config["resourcesVpcConfig"]["endpointPublicAccess"] = json!(false);
        }
        ("lambda", "remove-permission") => {
            let policy = &mut scope["lambda"]["GetPolicy"][options.one("function-name")];
            remove_statement(policy, options.one("statement-id"));
        }
        ("lambda", "remove-layer-version-permission") => {
            let version = layer_version(scope, &mut options);
            let policy = &mut scope["lambda"]["GetLayerVersionPolicy"][version];
            remove_statement(policy, options.one("statement-id"));
        }
        ("lambda", "delete-layer-version") => {
            let version = layer_version(scope, &mut options);
            for layer in scope["lambda"]["ListLayerVersions"].as_object_mut().unwrap().values_mut()
            {
                list(layer, "/LayerVersions").retain(|one| one["LayerVersionArn"] != version);
            }
        }
        ("lambda", "delete-resource-policy") => {
            let arn = options.one("resource-arn");
            let (_, name) = arn.split_once(":function:").expect("a function");
            scope["lambda"]["GetPolicy"][name] = Value::Null;
        }
        ("lambda", "delete-function-url-config") => {
            let function = options.one("function-name");
            let qualifier = options.maybe("qualifier").map(|alias| format!(":{alias}"));
            let end = format!(":function:{function}{}", qualifier.unwrap_or_default());
            let answer = &mut scope["lambda"]["ListFunctionUrlConfigs"][function];
            let urls = list(answer, "/FunctionUrlConfigs");
            let before = urls.len();
            urls.retain(|one| !one["FunctionArn"].as_str().unwrap().ends_with(&end));
            assert!(urls.len() < before, "no such URL: {command}");
        }
        ("iam", _) => {
            let role = options.one("role-name");
            let answer = &mut scope["iam"]["GetAccountAuthorizationDetails"];
            let role = named(list(answer, "/RoleDetailList"), "RoleName", role);
            iam(role, operation, &mut options);
        }
        ("sqs", "set-queue-attributes") => {
            let url = options.one("queue-url");
            let answer = &mut scope["sqs"]["GetQueueAttributes"][url]["Attributes"];
            let set = parsed(options.one("attributes"));
            let policy = set["Policy"].as_str().expect("a policy");
            assert_eq!(set, json!({ "Policy": policy }), "{command}");
            match policy {
                "" => drop(answer.as_object_mut().unwrap().remove("Policy")),
                policy => answer["Policy"] = json!(policy),
            }
        }
        ("ecr", "delete-repository-policy") => {
            let name = options.one("repository-name");
            let answer = &mut scope["ecr"]["GetRepositoryPolicy"][name];
            assert!(answer["policyText"].is_string(), "{command}");
            *answer = Value::Null;
        }
        ("ecr", "set-repository-policy") => {
            let name = options.one("repository-name");
            let answer = &mut scope["ecr"]["GetRepositoryPolicy"][name];
            assert!(answer["policyText"].is_string(), "{command}");
            answer["policyText"] = json!(options.one("policy-text"));
        }
        ("ecr", "delete-registry-policy") => {
            let answer = &mut scope["ecr"]["GetRegistryPolicy"];
            assert!(answer["policyText"].is_string(), "{command}");
            *answer = Value::Null;
        }
        ("kms", "put-key-policy") => {
            options.is("policy-name", "default");
            let answer = &mut scope["kms"]["GetKeyPolicy"][options.one("key-id")];
            assert!(answer["Policy"].is_string(), "{command}");
            answer["Policy"] = json!(options.one("policy"));
        }
        ("secretsmanager", "delete-resource-policy") => {
            let arn = options.one("secret-id");
            let answer = &mut scope["secretsmanager"]["GetResourcePolicy"][arn];
            let gone = answer.as_object_mut().unwrap().remove("ResourcePolicy");
            assert!(gone.is_some(), "{command}");
        }
        ("secretsmanager", "put-resource-policy") => {
            let arn = options.one("secret-id");
            let answer = &mut scope["secretsmanager"]["GetResourcePolicy"][arn];
            assert!(answer["ResourcePolicy"].is_string(), "{command}");
            answer["ResourcePolicy"] = json!(options.one("resource-policy"));
        }
        ("sns", "set-topic-attributes") => {
            options.is("attribute-name", "Policy");
            let arn = options.one("topic-arn");
            let answer = &mut scope["sns"]["GetTopicAttributes"][arn]["Attributes"];
            assert!(answer["Policy"].is_string(), "{command}");
            answer["Policy"] = json!(options.one("attribute-value"));
        }
        ("s3api", _) => s3(scope, operation, &mut options),
        ("s3control", "put-public-access-block") => {
            let block = shorthand(options.one("public-access-block-configuration"));
            scope["s3control"]["GetPublicAccessBlock"] =
                json!({"PublicAccessBlockConfiguration": block});
        }
        ("s3control", "delete-access-point-policy") => {
            let name = options.one("name");
            scope["s3control"]["GetAccessPointPolicy"][name] = Value::Null;
            scope["s3control"]["GetAccessPointPolicyStatus"][name] = Value::Null;
        }
        ("s3control", "put-multi-region-access-point-policy") => {
            let details = parsed(options.one("details"));
            let name = details["Name"].as_str().unwrap();
            let answer = &mut scope["s3control"]["GetMultiRegionAccessPointPolicy"][name];
            answer["Policy"] = json!({"Established": {"Policy": details["Policy"]}});
            forget(&mut scope["s3control"], "GetMultiRegionAccessPointPolicyStatus", name);
        }
        _ => panic!("not a command that is known to close something: {command}"),
    }
    assert!(options.0.is_empty(), "not understood: {:?} in {command}", options.0);
}

/// Switches guest access to a pool off. What is not given is set to its default (Cognito identity pools
/// API reference, UpdateIdentityPool): all else has to be given as it is.
fn guests_off(scope: &mut Value, options: &mut Options<'_>) {
    let id = options.one("identity-pool-id");
    let answer = &mut scope["cognito-identity"]["DescribeIdentityPool"][id];
    let was = answer.as_object().expect("a pool").clone();
    let mut given = Map::new();
    given.insert("IdentityPoolId".to_owned(), json!(id));
    given.insert("IdentityPoolName".to_owned(), json!(options.one("identity-pool-name")));
    assert!(options.all("no-allow-unauthenticated-identities").is_empty(), "{}", options.1);
    given.insert("AllowUnauthenticatedIdentities".to_owned(), json!(false));
    for (option, on) in [("allow-classic-flow", true), ("no-allow-classic-flow", false)] {
        if options.0.iter().any(|(name, _)| *name == option) {
            assert!(options.all(option).is_empty(), "{}", options.1);
            given.insert("AllowClassicFlow".to_owned(), json!(on));
        }
    }
    if let Some(name) = options.maybe("developer-provider-name") {
        given.insert("DeveloperProviderName".to_owned(), json!(name));
    }
    for (option, field) in [
        ("cognito-identity-providers", "CognitoIdentityProviders"),
        ("identity-pool-tags", "IdentityPoolTags"),
    ] {
        given.extend(options.maybe(option).map(|text| (field.to_owned(), parsed(text))));
    }
    for (option, field) in [
        ("open-id-connect-provider-arns", "OpenIdConnectProviderARNs"),
        ("saml-provider-arns", "SamlProviderARNs"),
    ] {
        if options.0.iter().any(|(name, _)| *name == option) {
            given.insert(field.to_owned(), json!(options.all(option)));
        }
    }
    for (field, value) in &was {
        let same = given.get(field) == Some(value) || field == "AllowUnauthenticatedIdentities";
        assert!(same, "{field} is {value}, and not given as it is: {}", options.1);
    }
    *answer = Value::Object(given);
}

/// Takes one statement out of a policy that is in an answer as text. Without any left there is none.
fn remove_statement(answer: &mut Value, id: &str) {
    let mut policy = parsed(answer["Policy"].as_str().expect("a policy"));
    let statements = list(&mut policy, "/Statement");
    let before = statements.len();
    statements.retain(|one| one["Sid"] != id);
    assert!(statements.len() < before, "no statement {id}: {policy}");
    let is_empty = statements.is_empty();
    *answer = if is_empty { Value::Null } else { json!({"Policy": policy.to_string()}) };
}

/// ARN of the version of a layer that a command names.
fn layer_version(scope: &Value, options: &mut Options<'_>) -> String {
    let (layer, number) = (options.one("layer-name"), options.one("version-number"));
    let number: i64 = number.parse().unwrap();
    let versions = &scope["lambda"]["ListLayerVersions"][layer]["LayerVersions"];
    let mut versions = versions.as_array().expect("versions").iter();
    let version = versions.find(|one| one["Version"] == number).expect("a version of that number");
    version["LayerVersionArn"].as_str().unwrap().to_owned()
}

/// What AWS said of a policy is no more true when the policy is another.
fn forget(service: &mut Value, operation: &str, id: &str) {
    if let Some(Value::Object(answers)) = service.get_mut(operation) {
        answers.remove(id);
    }
}

/// Takes sources of rules away. All that is named has to be there, in just these values (EC2 API,
/// `RevokeSecurityGroupIngress`).
fn revoke(scope: &mut Value, options: &mut Options<'_>) {
    let group = options.one("group-id");
    let revoked = parsed(options.one("ip-permissions"));
    let groups = list(&mut scope["ec2"], "/DescribeSecurityGroups/SecurityGroups");
    let rules = list(named(groups, "GroupId", group), "/IpPermissions");
    for revoked in revoked.as_array().unwrap() {
        for kind in ["IpRanges", "Ipv6Ranges", "PrefixListIds"] {
            for source in revoked[kind].as_array().into_iter().flatten() {
                let mut found = false;
                for rule in rules.iter_mut() {
                    let same = ["IpProtocol", "FromPort", "ToPort"]
                        .iter()
                        .all(|name| rule[*name] == revoked[*name]);
                    if same && let Some(sources) = rule[kind].as_array_mut() {
                        let before = sources.len();
                        sources.retain(|one| one != source);
                        found |= sources.len() < before;
                    }
                }
                assert!(found, "no such rule: {revoked} in {group}: {}", options.1);
            }
        }
    }
}

/// Takes targets out. One that has a port other than its group's needs it (AWS CLI,
/// `elbv2 deregister-targets`).
fn deregister(scope: &mut Value, options: &mut Options<'_>) {
    let arn = options.one("target-group-arn");
    let groups = list(&mut scope["elbv2"], "/DescribeTargetGroups/TargetGroups");
    let own_port = named(groups, "TargetGroupArn", arn)["Port"].clone();
    let answer = &mut scope["elbv2"]["DescribeTargetHealth"][arn];
    for target in options.all("targets") {
        let target = shorthand(target);
        let port = match target.get("Port") {
            Some(port) => json!(port.as_str().unwrap().parse::<i64>().unwrap()),
            None => own_port.clone(),
        };
        let all = list(answer, "/TargetHealthDescriptions");
        let before = all.len();
        all.retain(|one| {
            let described = &one["Target"];
            let at = if described["Port"].is_null() { &own_port } else { &described["Port"] };
            described["Id"] != target["Id"] || *at != port
        });
        assert!(all.len() < before, "no such target: {}", options.1);
    }
}

/// The calls about one role.
fn iam(role: &mut Value, operation: &str, options: &mut Options<'_>) {
    let (of, key, name) = match operation {
        "update-assume-role-policy" => {
            // IAM takes no policy without statements.
            let policy = parsed(options.one("policy-document"));
            assert!(!policy["Statement"].as_array().unwrap().is_empty(), "{}", options.1);
            role["AssumeRolePolicyDocument"] = policy;
            return;
        }
        "detach-role-policy" => {
            ("/AttachedManagedPolicies", "PolicyArn", options.one("policy-arn"))
        }
        "delete-role-policy" => ("/RolePolicyList", "PolicyName", options.one("policy-name")),
        _ => panic!("not a command that is known to close something: {}", options.1),
    };
    let policies = list(role, of);
    named(policies, key, name);
    policies.retain(|one| one[key] != name);
}

/// The calls about one bucket.
fn s3(scope: &mut Value, operation: &str, options: &mut Options<'_>) {
    let bucket = options.one("bucket");
    let s3 = &mut scope["s3"];
    match operation {
        "put-public-access-block" => {
            let block = shorthand(options.one("public-access-block-configuration"));
            s3["GetPublicAccessBlock"][bucket] = json!({"PublicAccessBlockConfiguration": block});
        }
        "put-bucket-policy" => {
            s3["GetBucketPolicy"][bucket] = json!({"Policy": options.one("policy")});
            forget(s3, "GetBucketPolicyStatus", bucket);
        }
        "delete-bucket-policy" => {
            s3["GetBucketPolicy"][bucket] = Value::Null;
            forget(s3, "GetBucketPolicyStatus", bucket);
        }
        "put-bucket-acl" => {
            options.is("acl", "private");
            s3["GetBucketAcl"][bucket]["Grants"] = json!([]);
        }
        "put-bucket-ownership-controls" => {
            options.is("ownership-controls", "Rules=[{ObjectOwnership=BucketOwnerEnforced}]");
            let grants = &s3["GetBucketAcl"][bucket]["Grants"];
            let others = grants
                .as_array()
                .into_iter()
                .flatten()
                .any(|one| one["Grantee"]["URI"].is_string());
            assert!(!others, "the bucket's ACL grants others something: {}", options.1);
            // From then on S3 answers as if no object had an ACL of its own (S3 user guide,
            // "Controlling ownership of objects and disabling ACLs").
            let objects = s3.get_mut("GetObjectAcl").and_then(|all| all.get_mut(bucket));
            if let Some(Value::Object(objects)) = objects {
                objects.values_mut().for_each(|acl| acl["Grants"] = json!([]));
            }
            s3["GetBucketOwnershipControls"][bucket] = json!({"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}});
        }
        _ => panic!("not a command that is known to close something: {}", options.1),
    }
}

#[test]
fn words_are_those_of_a_shell() {
    assert_eq!(words(r"aws a 'b c' 'd'\''e'"), ["aws", "a", "b c", "d'e"]);
    assert_eq!(words("a  '' b"), ["a", "", "b"]);
}
