//! Tasks of ECS: asked for where the internet reaches one, and what is kept of the answers.

use super::replay::{Asked, Cloud, Said, json_error, ok, wanted};
use crate::analysis::aws::demand::CollectionPlan;
use crate::inventory::Snapshot;
use crate::inventory::aws::Ecs;
use crate::model::{Known, Outcome};
use crate::providers::aws::Watch;

const CALLS: [&str; 6] = [
    "ec2:DescribeInternetGateways",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ecs",
];

fn arn(resource: &str) -> String {
    format!("arn:aws:ecs:us-east-1:123456789012:{resource}")
}

/// A subnet that the internet gets in to, with one interface in it: that of a task where it says so.
fn network(asked: &Asked, description: &str, public: bool) -> Option<Said> {
    let answer = |list: &str| ok(format!("<{0}Response>{list}</{0}Response>", asked.what));
    Some(match asked.what.as_str() {
        "DescribeNetworkInterfaces" => {
            let address = match public {
                true => "<association><publicIp>54.1.2.3</publicIp></association>",
                false => "",
            };
            answer(&format!(
                "<networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId>\
                 <subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><ownerId>123456789012</ownerId>\
                 <description>{description}</description><status>in-use</status>\
                 <requesterManaged>true</requesterManaged>\
                 <groupSet><item><groupId>sg-1</groupId></item></groupSet>{address}\
                 <privateIpAddress>10.0.0.5</privateIpAddress></item></networkInterfaceSet>"
            ))
        }
        "DescribeSecurityGroups" => answer(
            "<securityGroupInfo><item><groupId>sg-1</groupId><vpcId>vpc-1</vpcId><ipPermissions>\
             <item><ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort>\
             <ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges></item></ipPermissions>\
             </item></securityGroupInfo>",
        ),
        "DescribeSubnets" => answer(
            "<subnetSet><item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId>\
             <cidrBlock>10.0.0.0/24</cidrBlock></item></subnetSet>",
        ),
        "DescribeRouteTables" => answer(
            "<routeTableSet><item><routeTableId>rtb-1</routeTableId><vpcId>vpc-1</vpcId>\
             <associationSet><item><main>true</main></item></associationSet><routeSet><item>\
             <destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><gatewayId>igw-1</gatewayId>\
             <state>active</state></item></routeSet></item></routeTableSet>",
        ),
        "DescribeInternetGateways" => answer(
            "<internetGatewaySet><item><internetGatewayId>igw-1</internetGatewayId><attachmentSet>\
             <item><vpcId>vpc-1</vpcId><state>available</state></item></attachmentSet></item>\
             </internetGatewaySet>",
        ),
        _ => return None,
    })
}

/// Two pages of clusters: `prod` has 101 tasks on two pages, the last of which has the interface,
/// `idle` has none, and `gone` was deleted since.
fn containers(asked: &Asked) -> Said {
    let further = asked.form.contains("nextToken");
    let list = |name: &str, arns: &[String], next: &str| {
        ok(format!(r#"{{"{name}":{}{next}}}"#, serde_json::json!(arns)))
    };
    let next = r#","nextToken":"2""#;
    match asked.what.as_str() {
        "ListClusters" if further => list("clusterArns", &[arn("cluster/gone")], ""),
        "ListClusters" => list("clusterArns", &[arn("cluster/prod"), arn("cluster/idle")], next),
        "ListTasks" if asked.form.contains("cluster/gone") => {
            json_error(400, "ClusterNotFoundException")
        }
        "ListTasks" if asked.form.contains("cluster/idle") => list("taskArns", &[], ""),
        "ListTasks" if further => list("taskArns", &[arn("task/prod/100")], ""),
        "ListTasks" => {
            let arns: Vec<_> = (0..100).map(|n| arn(&format!("task/prod/{n:03}"))).collect();
            list("taskArns", &arns, next)
        }
        "DescribeTasks" if asked.form.contains("task/prod/100") => {
            let task = serde_json::json!({
                "taskArn": arn("task/prod/100"),
                "clusterArn": arn("cluster/prod"),
                "taskDefinitionArn": arn("task-definition/web:3"),
                "group": "service:web",
                "startedBy": "ecs-svc/1",
                "createdAt": 1_764_000_000.0,
                "attachments": [{
                    "id": "1-2",
                    "type": "ElasticNetworkInterface",
                    "status": "ATTACHED",
                    "details": [
                        {"name": "subnetId", "value": "subnet-1"},
                        {"name": "networkInterfaceId", "value": "eni-1"},
                    ],
                }],
                "overrides": {
                    "containerOverrides": [
                        {"name": "web", "environment": [{"name": "KEY", "value": "not-a-secret"}]},
                    ],
                },
            });
            ok(serde_json::json!({"tasks": [task], "failures": []}).to_string())
        }
        // Stopped since they were listed.
        "DescribeTasks" => ok(r#"{"tasks":[],"failures":[{"reason":"MISSING"}]}"#),
        "DescribeTaskDefinition" => {
            assert!(asked.form.contains("task-definition/web:3"), "{}", asked.form);
            let definition = serde_json::json!({
                "taskDefinitionArn": arn("task-definition/web:3"),
                "taskRoleArn": "arn:aws:iam::123456789012:role/web",
                "executionRoleArn": "arn:aws:iam::123456789012:role/starts-tasks",
                "containerDefinitions": [{"name": "web", "image": "web"}],
            });
            ok(serde_json::json!({ "taskDefinition": definition }).to_string())
        }
        other => panic!("{other}"),
    }
}

fn cloud(
    public: bool,
    description: &str,
    containers: impl Fn(&Asked) -> Said + Send + Sync + 'static,
) -> Cloud {
    let description = description.to_owned();
    Cloud::new(move |asked| {
        network(asked, &description, public).unwrap_or_else(|| containers(asked))
    })
}

fn ecs(snapshot: &Snapshot) -> &Ecs {
    &snapshot.regions["us-east-1"].ecs
}

/// What was asked of ECS.
fn asked(cloud: &Cloud) -> Vec<(String, usize)> {
    let of_ecs = ["ListClusters", "ListTasks", "DescribeTasks", "DescribeTaskDefinition"];
    cloud.asked().into_iter().filter(|(what, _)| of_ecs.contains(&what.as_str())).collect()
}

#[test]
fn the_task_with_an_exposed_interface_is_found_with_the_role_of_its_containers() {
    let cloud = cloud(true, &arn("attachment/1-2"), containers);
    let snapshot = cloud.collect(&CALLS);
    assert_eq!(snapshot.gaps, []);
    let ecs = ecs(&snapshot);
    let clusters = [arn("cluster/prod"), arn("cluster/idle"), arn("cluster/gone")];
    assert_eq!(ecs.list_clusters.read().unwrap().cluster_arns, clusters);
    let tasks: Vec<_> = ecs.list_tasks.values().map(|tasks| tasks.task_arns.len()).collect();
    assert_eq!(tasks, [0, 0, 101], "a deleted cluster has none");
    let described = &ecs.describe_tasks[&arn("cluster/prod")];
    let [task] = described.tasks.as_slice() else { panic!("{described:?}") };
    assert_eq!(task.group.as_deref(), Some("service:web"));
    assert_eq!(task.started_by.as_deref(), Some("ecs-svc/1"));
    let details = &task.attachments[0].details;
    assert_eq!(details.len(), 1, "no more than the interface is kept: {details:?}");
    let definition = &ecs.describe_task_definition[&arn("task-definition/web:3")].task_definition;
    assert_eq!(definition.task_role_arn.as_deref(), Some("arn:aws:iam::123456789012:role/web"));
    let kept = serde_json::to_string(&snapshot).unwrap();
    assert!(!kept.contains("not-a-secret"), "what containers are given is not kept");
    // A hundred tasks a call.
    let times = [
        ("DescribeTaskDefinition", 1),
        ("DescribeTasks", 2),
        ("ListClusters", 2),
        ("ListTasks", 4),
    ];
    assert_eq!(asked(&cloud), times.map(|(what, times)| (what.to_owned(), times)));
}

#[test]
fn ecs_is_not_asked_where_the_internet_reaches_no_interface_of_a_task() {
    for (public, description) in [(false, arn("attachment/1-2")), (true, "by hand".to_owned())] {
        let cloud = cloud(public, &description, containers);
        let snapshot = cloud.collect(&CALLS);
        assert_eq!(snapshot.gaps, []);
        assert_eq!(asked(&cloud), [], "{description}");
        assert!(ecs(&snapshot).list_clusters.is_unread());
    }
}

#[test]
fn a_probe_learns_whether_ecs_would_answer() {
    let cloud = cloud(false, "by hand", containers);
    let plan = CollectionPlan { probe: Some(3), ..wanted(&CALLS) };
    let snapshot = cloud.collect_with(&plan, &Watch::silent());
    assert_eq!(snapshot.gaps, []);
    // Whole pages, until three things are known.
    let times = [("DescribeTasks", 1), ("ListClusters", 2), ("ListTasks", 3)];
    assert_eq!(asked(&cloud), times.map(|(what, times)| (what.to_owned(), times)));
}

#[test]
fn what_ecs_refuses_is_a_gap_and_no_empty_list() {
    for refused in ["ListClusters", "ListTasks", "DescribeTasks", "DescribeTaskDefinition"] {
        let cloud = cloud(true, &arn("attachment/1-2"), move |asked| {
            if asked.what == refused {
                return json_error(400, "AccessDeniedException");
            }
            containers(asked)
        });
        let snapshot = cloud.collect(&CALLS);
        assert!(!snapshot.gaps.is_empty(), "{refused}");
        for gap in &snapshot.gaps {
            assert_eq!((gap.operation.as_str(), gap.outcome), (refused, Outcome::Denied));
        }
        let ecs = ecs(&snapshot);
        match refused {
            "ListClusters" => assert!(ecs.list_clusters.is_unread()),
            "ListTasks" => assert!(ecs.list_tasks.is_empty()),
            "DescribeTasks" => assert!(ecs.describe_tasks.is_empty()),
            _ => assert!(ecs.describe_task_definition.is_empty()),
        }
    }
}

#[test]
fn an_answer_without_what_was_asked_for_is_malformed() {
    let cloud = cloud(true, &arn("attachment/1-2"), |asked| match asked.what.as_str() {
        "DescribeTasks" if !asked.form.contains("task/prod/100") => ok("{}"),
        "DescribeTaskDefinition" => ok("{}"),
        _ => containers(asked),
    });
    let snapshot = cloud.collect(&CALLS);
    let mut said: Vec<_> = snapshot
        .gaps
        .iter()
        .map(|gap| (gap.operation.as_str(), gap.resource.clone(), gap.outcome))
        .collect();
    said.sort();
    let malformed = Outcome::Malformed;
    let definition = Some(arn("task-definition/web:3"));
    let expected = [
        ("DescribeTaskDefinition", definition, malformed),
        ("DescribeTasks", Some(arn("cluster/prod")), malformed),
    ];
    assert_eq!(said, expected);
    let described = &ecs(&snapshot).describe_tasks[&arn("cluster/prod")];
    assert_eq!(described.tasks.len(), 1, "what was answered is kept");
    assert!(matches!(ecs(&snapshot).list_clusters, Known::Read(_)));
}
