//! Load balancers: two lists a region, listeners of those that the internet may open, and beyond them
//! only what the answers make worth asking.

use super::replay::{Asked, Cloud, Said, ok, wanted};
use crate::analysis::aws::demand::CollectionPlan;
use crate::model::{Known, Outcome};
use crate::providers::aws::Watch;

/// The answer of a query-protocol call.
fn result(asked: &Asked, inner: &str) -> Said {
    let what = &asked.what;
    ok(format!("<{what}Response><{what}Result>{inner}</{what}Result></{what}Response>"))
}

fn refusal(status: u16, code: &str) -> Said {
    let error = format!("<Error><Code>{code}</Code><Message>no: {code}</Message></Error>");
    Said::Answer(status, format!("<ErrorResponse>{error}</ErrorResponse>"))
}

/// Both generations have an operation of this name; the version of the API tells them apart.
fn is_classic(asked: &Asked) -> bool {
    asked.form.contains("Version=2012-06-01")
}

fn balancer(name: &str, kind: &str, scheme: &str) -> String {
    format!(
        "<member><LoadBalancerArn>{name}</LoadBalancerArn><LoadBalancerName>{name}\
         </LoadBalancerName><Type>{kind}</Type><Scheme>{scheme}</Scheme><VpcId>vpc-1</VpcId>\
         <State><Code>active</Code></State><IpAddressType>ipv4</IpAddressType>\
         <AvailabilityZones><member><SubnetId>subnet-1</SubnetId><LoadBalancerAddresses><member>\
         <PrivateIPv4Address>10.0.0.7</PrivateIPv4Address></member></LoadBalancerAddresses></member>\
         </AvailabilityZones><SecurityGroups><member>sg-1</member></SecurityGroups></member>"
    )
}

fn listener(arn: &str) -> String {
    format!(
        "<member><ListenerArn>{arn}</ListenerArn><Port>443</Port><Protocol>HTTPS</Protocol>\
         <DefaultActions><member><Type>forward</Type><ForwardConfig><TargetGroups><member>\
         <TargetGroupArn>group</TargetGroupArn><Weight>1</Weight></member></TargetGroups>\
         </ForwardConfig></member></DefaultActions></member>"
    )
}

fn about(asked: &Asked, name: &str) -> String {
    let field = format!("{name}=");
    let found = asked.form.split('&').find_map(|pair| pair.strip_prefix(&field));
    found.unwrap_or_default().to_owned()
}

/// One of each type and scheme, on two pages.
fn region(asked: &Asked) -> Said {
    match asked.what.as_str() {
        "DescribeLoadBalancers" if is_classic(asked) => result(
            asked,
            "<LoadBalancerDescriptions><member><LoadBalancerName>old</LoadBalancerName>\
             <Scheme>internet-facing</Scheme><VPCId>vpc-1</VPCId><Subnets><member>subnet-1</member>\
             </Subnets><SecurityGroups><member>sg-1</member></SecurityGroups><ListenerDescriptions>\
             <member><Listener><Protocol>TCP</Protocol><LoadBalancerPort>80</LoadBalancerPort>\
             <InstancePort>8080</InstancePort></Listener></member></ListenerDescriptions><Instances>\
             <member><InstanceId>i-1</InstanceId></member></Instances></member>\
             </LoadBalancerDescriptions>",
        ),
        "DescribeLoadBalancers" if about(asked, "Marker") == "2" => result(
            asked,
            &format!(
                "<LoadBalancers>{}{}</LoadBalancers>",
                balancer("inner", "application", "internal"),
                balancer("filter", "gateway", "internal")
            ),
        ),
        "DescribeLoadBalancers" => result(
            asked,
            &format!(
                "<LoadBalancers>{}{}</LoadBalancers><NextMarker>2</NextMarker>",
                balancer("front", "application", "internet-facing"),
                balancer("edge", "network", "internet-facing")
            ),
        ),
        "DescribeListeners" if about(asked, "Marker") == "2" => {
            result(asked, &format!("<Listeners>{}</Listeners>", listener("second")))
        }
        "DescribeListeners" if about(asked, "LoadBalancerArn") == "front" => result(
            asked,
            &format!("<Listeners>{}</Listeners><NextMarker>2</NextMarker>", listener("first")),
        ),
        "DescribeListeners" => result(asked, "<Listeners/>"),
        "DescribeRules" if about(asked, "ListenerArn") == "second" => refusal(403, "AccessDenied"),
        "DescribeRules" => result(
            asked,
            "<Rules><member><RuleArn>rule</RuleArn><Priority>7</Priority><Conditions><member><Field>\
             source-ip</Field><SourceIpConfig><Values><member>192.0.78.0/24</member></Values>\
             </SourceIpConfig></member></Conditions><Actions><member><Type>authenticate-oidc</Type>\
             </member></Actions><IsDefault>false</IsDefault></member></Rules>",
        ),
        "DescribeTargetGroups" => result(
            asked,
            "<TargetGroups><member><TargetGroupArn>group</TargetGroupArn><TargetGroupName>data\
             </TargetGroupName><Protocol>TCP</Protocol><Port>5432</Port><TargetType>ip</TargetType>\
             <VpcId>vpc-1</VpcId></member></TargetGroups>",
        ),
        "DescribeTargetHealth" => result(
            asked,
            "<TargetHealthDescriptions><member><Target><Id>10.0.1.5</Id><Port>5433</Port></Target>\
             <TargetHealth><State>unhealthy</State></TargetHealth></member>\
             </TargetHealthDescriptions>",
        ),
        "DescribeTargetGroupAttributes" => result(
            asked,
            "<Attributes><member><Key>preserve_client_ip.enabled</Key><Value>false</Value></member>\
             </Attributes>",
        ),
        other => panic!("{other} is not to be asked"),
    }
}

/// The same, where the internet gets in to everything on port 443.
fn open_region(asked: &Asked) -> Said {
    let set = |name: &str, items: &str| {
        let what = &asked.what;
        ok(format!("<{what}Response><{name}>{items}</{name}></{what}Response>"))
    };
    match asked.what.as_str() {
        "DescribeListeners" if about(asked, "LoadBalancerArn") == "edge" => {
            let listener = listener("third").replace("HTTPS", "TCP");
            result(asked, &format!("<Listeners>{listener}</Listeners>"))
        }
        "DescribeNetworkInterfaces" => set(
            "networkInterfaceSet",
            "<item><networkInterfaceId>eni-1</networkInterfaceId><status>in-use</status><vpcId>vpc-1\
             </vpcId><subnetId>subnet-1</subnetId><interfaceType>interface</interfaceType><groupSet>\
             <item><groupId>sg-1</groupId></item></groupSet><privateIpAddress>10.0.1.5\
             </privateIpAddress><privateIpAddressesSet><item><privateIpAddress>10.0.1.5\
             </privateIpAddress></item></privateIpAddressesSet></item>",
        ),
        "DescribeInstances" => set("reservationSet", ""),
        "DescribeSecurityGroups" => set(
            "securityGroupInfo",
            "<item><groupId>sg-1</groupId><vpcId>vpc-1</vpcId><ipPermissions><item><ipProtocol>tcp\
             </ipProtocol><fromPort>443</fromPort><toPort>443</toPort><ipRanges><item><cidrIp>\
             0.0.0.0/0</cidrIp></item></ipRanges></item></ipPermissions></item>",
        ),
        "DescribeRouteTables" => set(
            "routeTableSet",
            "<item><routeTableId>rtb-1</routeTableId><vpcId>vpc-1</vpcId><associationSet><item><main>\
             true</main></item></associationSet><routeSet><item><destinationCidrBlock>0.0.0.0/0\
             </destinationCidrBlock><gatewayId>igw-1</gatewayId><state>active</state></item>\
             </routeSet></item>",
        ),
        "DescribeInternetGateways" => set(
            "internetGatewaySet",
            "<item><internetGatewayId>igw-1</internetGatewayId><attachmentSet><item><vpcId>vpc-1\
             </vpcId><state>available</state></item></attachmentSet></item>",
        ),
        "DescribeVpcs" => set("vpcSet", "<item><vpcId>vpc-1</vpcId></item>"),
        "DescribeSubnets" => set(
            "subnetSet",
            "<item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><cidrBlock>10.0.0.0/16\
             </cidrBlock></item>",
        ),
        "DescribeNetworkAcls" => {
            let entry = |egress| {
                format!(
                    "<item><ruleNumber>100</ruleNumber><protocol>-1</protocol><ruleAction>allow\
                     </ruleAction><egress>{egress}</egress><cidrBlock>0.0.0.0/0</cidrBlock></item>"
                )
            };
            let acl = format!(
                "<item><networkAclId>acl-1</networkAclId><vpcId>vpc-1</vpcId><default>true</default>\
                 <entrySet>{}{}</entrySet><associationSet><item><subnetId>subnet-1</subnetId></item>\
                 </associationSet></item>",
                entry(true),
                entry(false)
            );
            set("networkAclSet", &acl)
        }
        "DescribeImages" => set("imagesSet", ""),
        "DescribeSnapshots" => set("snapshotSet", ""),
        "GetImageBlockPublicAccessState" => set("imageBlockPublicAccessState", "unblocked"),
        "GetSnapshotBlockPublicAccessState" => set("state", "unblocked"),
        "DescribeVpcBlockPublicAccessOptions" => set(
            "vpcBlockPublicAccessOptions",
            "<internetGatewayBlockMode>off</internetGatewayBlockMode>",
        ),
        _ => region(asked),
    }
}

fn all() -> CollectionPlan {
    wanted(&["elb", "elbv2"])
}

#[test]
fn a_region_without_load_balancers_costs_two_calls() {
    let cloud = Cloud::new(|asked| result(asked, ""));
    let snapshot = cloud.collect_with(&all(), &Watch::silent());
    assert_eq!(snapshot.gaps, []);
    let calls: Vec<_> = snapshot.calls.iter().map(|(call, n)| (call.as_str(), *n)).collect();
    assert_eq!(calls, [("elb:DescribeLoadBalancers", 1), ("elbv2:DescribeLoadBalancers", 1)]);
    let services = &snapshot.regions["us-east-1"];
    assert_eq!(services.elbv2.describe_load_balancers, Known::Read(Default::default()));
    assert_eq!(services.elb.describe_load_balancers, Known::Read(Default::default()));
    for asked in cloud.seen.lock().unwrap().iter() {
        assert!(asked.form.contains("PageSize=400"), "{asked:?}");
    }
}

#[test]
fn lists_are_read_to_their_last_page_and_listeners_only_where_the_internet_may_come() {
    let cloud = Cloud::new(region);
    let snapshot = cloud.collect_with(&all(), &Watch::silent());
    assert_eq!(snapshot.gaps, []);
    let services = &snapshot.regions["us-east-1"];
    let listed = services.elbv2.describe_load_balancers.read().unwrap();
    let names: Vec<_> = listed.load_balancers.iter().map(|b| &*b.load_balancer_name).collect();
    assert_eq!(names, ["front", "edge", "inner", "filter"]);
    let front = &listed.load_balancers[0];
    assert_eq!(front.kind.as_deref(), Some("application"));
    assert_eq!(front.security_groups, ["sg-1"]);
    let zone = &front.availability_zones[0];
    let address = zone.load_balancer_addresses[0].private_ipv4_address.as_deref();
    assert_eq!((zone.subnet_id.as_deref(), address), (Some("subnet-1"), Some("10.0.0.7")));

    let listeners = &services.elbv2.describe_listeners;
    assert_eq!(listeners.keys().collect::<Vec<_>>(), ["edge", "front"]);
    assert!(listeners["edge"].listeners.is_empty(), "read, and there is none");
    let arns: Vec<_> = listeners["front"].listeners.iter().map(|l| &*l.listener_arn).collect();
    assert_eq!(arns, ["first", "second"]);
    let action = &listeners["front"].listeners[0].default_actions[0];
    let share = &action.forward_config.as_ref().unwrap().target_groups[0];
    assert_eq!(share.target_group_arn.as_deref(), Some("group"));

    let old = &services.elb.describe_load_balancers.read().unwrap().load_balancer_descriptions[0];
    assert_eq!(old.listener_descriptions[0].listener.instance_port, Some(8080));
    assert_eq!(old.instances[0].instance_id, "i-1");
    assert!(services.elbv2.describe_rules.is_empty(), "who gets in is not known");
}

#[test]
fn listeners_of_internal_ones_are_read_where_what_is_shut_is_wanted() {
    let cloud = Cloud::new(region);
    let latent = CollectionPlan { latent: true, ..all() };
    let snapshot = cloud.collect_with(&latent, &Watch::silent());
    let listeners = &snapshot.regions["us-east-1"].elbv2.describe_listeners;
    assert_eq!(listeners.keys().collect::<Vec<_>>(), ["edge", "front", "inner"]);
}

#[test]
fn what_the_answers_make_worth_asking_is_asked_once_round_by_round() {
    let cloud = Cloud::new(open_region);
    let snapshot = cloud.collect(&["ec2", "elb", "elbv2"]);
    let elbv2 = &snapshot.regions["us-east-1"].elbv2;
    let rule = &elbv2.describe_rules["first"].rules[0];
    assert_eq!((rule.rule_arn.as_deref(), rule.priority.as_deref()), (Some("rule"), Some("7")));
    let sources = rule.conditions[0].source_ip_config.as_ref().unwrap();
    assert_eq!(sources.values, ["192.0.78.0/24"]);
    assert_eq!(rule.actions[0].kind.as_deref(), Some("authenticate-oidc"));
    let group = &elbv2.describe_target_groups.read().unwrap().target_groups[0];
    assert_eq!((group.port, group.target_type.as_deref()), (Some(5432), Some("ip")));
    let target = &elbv2.describe_target_health["group"].target_health_descriptions[0].target;
    assert_eq!((target.id.as_str(), target.port), ("10.0.1.5", Some(5433)));
    let set = &elbv2.describe_target_group_attributes["group"].attributes[0];
    assert_eq!(set.value.as_deref(), Some("false"));

    // The refused one is a gap about its listener, unread and not empty.
    assert!(!elbv2.describe_rules.contains_key("second"));
    let [gap] = snapshot.gaps.as_slice() else { panic!("{:#?}", snapshot.gaps) };
    assert_eq!((gap.call().as_str(), gap.outcome), ("elbv2:DescribeRules", Outcome::Denied));
    assert_eq!(gap.resource.as_deref(), Some("second"));
    let asked = cloud.asked();
    for (what, times) in [
        ("DescribeRules", 3),
        ("DescribeTargetGroups", 1),
        ("DescribeTargetHealth", 1),
        ("DescribeTargetGroupAttributes", 1),
    ] {
        assert_eq!(asked[what], times, "{what}: {asked:?}");
    }
}

#[test]
fn a_refused_load_balancer_is_a_gap_of_its_own_and_one_that_is_gone_is_none() {
    let cloud = Cloud::new(|asked| match asked.what.as_str() {
        "DescribeListeners" if about(asked, "LoadBalancerArn") == "front" => {
            refusal(403, "AccessDenied")
        }
        "DescribeListeners" => refusal(400, "LoadBalancerNotFound"),
        _ => region(asked),
    });
    let snapshot = cloud.collect_with(&all(), &Watch::silent());
    let listeners = &snapshot.regions["us-east-1"].elbv2.describe_listeners;
    assert_eq!(listeners.keys().collect::<Vec<_>>(), ["edge"], "gone: nothing listens there");
    let gaps: Vec<_> = snapshot.gaps.iter().map(|g| (g.call(), g.resource.as_deref())).collect();
    assert_eq!(gaps, [("elbv2:DescribeListeners".to_owned(), Some("front"))]);
}

#[test]
fn a_lost_page_keeps_the_load_balancers_of_the_others_and_is_a_gap() {
    let cloud = Cloud::new(|asked| match asked.what.as_str() {
        "DescribeLoadBalancers" if about(asked, "Marker") == "2" => refusal(403, "AccessDenied"),
        _ => region(asked),
    });
    let snapshot = cloud.collect_with(&all(), &Watch::silent());
    let elbv2 = &snapshot.regions["us-east-1"].elbv2;
    assert_eq!(elbv2.describe_load_balancers.read().unwrap().load_balancers.len(), 2);
    let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
    assert_eq!(gaps, [("elbv2:DescribeLoadBalancers".to_owned(), Outcome::Denied)]);
}
