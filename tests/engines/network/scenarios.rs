//! Cases that the published scenarios leave out: classic load balancers inside one subnet, load
//! balancers as targets, logins before targets, dual-stack databases, IPv6 targets.

use outcrop::analysis::aws::network::{Asks, Row, analyse};
use outcrop::inventory::aws::Services;
use outcrop::model::Status;
use serde_json::{Value, json};

const ELB: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:";

/// A VPC with a gateway, a public subnet, a private one, and what is put into it.
struct Scene {
    groups: Vec<Value>,
    interfaces: Vec<Value>,
    acls: Vec<Value>,
    rest: Value,
}

impl Scene {
    fn new(rest: Value) -> Scene {
        Scene { groups: Vec::new(), interfaces: Vec::new(), acls: Vec::new(), rest }
    }

    fn group(mut self, id: &str, permissions: Value) -> Scene {
        self.groups.push(json!({"GroupId": id, "VpcId": "vpc-1", "IpPermissions": permissions}));
        self
    }

    /// An instance of the name in a subnet, behind a group.
    fn instance(mut self, id: &str, subnet: &str, group: &str, (v4, v6): (&str, &str)) -> Scene {
        self.interfaces.push(json!({
            "NetworkInterfaceId": format!("eni-{id}"), "SubnetId": subnet, "VpcId": "vpc-1",
            "Status": "in-use", "Groups": [{"GroupId": group}],
            "Attachment": {"InstanceId": id, "DeviceIndex": 0},
            "PrivateIpAddresses": [{"PrivateIpAddress": v4, "Primary": true}],
            "Ipv6Addresses": [{"Ipv6Address": v6}],
        }));
        self
    }

    /// An ACL of a subnet with entries (number, out, allow, port or 0 for all traffic).
    fn acl(mut self, subnet: &str, entries: &[(i32, bool, bool, i32)]) -> Scene {
        let both = |&(number, egress, allow, port): &(i32, bool, bool, i32)| {
            ["CidrBlock", "Ipv6CidrBlock"].map(|family| {
                let mut entry = json!({
                    "RuleNumber": number + i32::from(family != "CidrBlock"), "Egress": egress,
                    "RuleAction": if allow { "allow" } else { "deny" },
                    "Protocol": if port == 0 { "-1" } else { "6" },
                    family: if family == "CidrBlock" { "0.0.0.0/0" } else { "::/0" },
                });
                if port != 0 {
                    entry["PortRange"] = json!({"From": port, "To": port});
                }
                entry
            })
        };
        self.acls.push(json!({
            "NetworkAclId": format!("acl-{subnet}"), "VpcId": "vpc-1",
            "Associations": [{"SubnetId": subnet}],
            "Entries": entries.iter().flat_map(both).collect::<Vec<_>>(),
        }));
        self
    }

    fn services(self) -> Services {
        let open = [(100, false, true, 0), (100, true, true, 0)];
        let mut own = self;
        for subnet in ["public", "private"] {
            if !own.acls.iter().any(|acl| acl["Associations"][0]["SubnetId"] == subnet) {
                own = own.acl(subnet, &open);
            }
        }
        let instances: Vec<Value> = own
            .interfaces
            .iter()
            .map(|i| json!({"InstanceId": i["Attachment"]["InstanceId"], "State": {"Name": "running"}}))
            .collect();
        let subnet = |id: &str, n: u8| {
            json!({"SubnetId": id, "VpcId": "vpc-1", "CidrBlock": format!("10.0.{n}.0/24"),
                "AvailabilityZone": "eu-west-1a",
                "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": format!("2a05:d018:1:{n}::/64")}]})
        };
        let routes = json!([
            {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"},
            {"DestinationIpv6CidrBlock": "::/0", "GatewayId": "igw-1", "State": "active"},
        ]);
        let mut inventory = json!({"ec2": {
            "DescribeSecurityGroups": {"SecurityGroups": own.groups},
            "DescribeNetworkInterfaces": {"NetworkInterfaces": own.interfaces},
            "DescribeNetworkAcls": {"NetworkAcls": own.acls},
            "DescribeInstances": {"Reservations": [{"Instances": instances}]},
            "DescribeVpcs": {"Vpcs": [{"VpcId": "vpc-1"}]},
            "DescribeSubnets": {"Subnets": [subnet("public", 0), subnet("private", 1)]},
            "DescribeRouteTables": {"RouteTables": [
                {"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": [{"SubnetId": "public"}],
                 "Routes": routes},
                {"RouteTableId": "rtb-2", "VpcId": "vpc-1", "Associations": [{"Main": true}]},
            ]},
            "DescribeInternetGateways": {"InternetGateways": [
                {"InternetGatewayId": "igw-1", "Attachments": [{"VpcId": "vpc-1", "State": "available"}]},
            ]},
            "DescribeVpcBlockPublicAccessOptions":
                {"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": "off"}},
        }});
        inventory.as_object_mut().unwrap().extend(own.rest.as_object().unwrap().clone());
        serde_json::from_value(inventory).unwrap()
    }
}

fn tcp(port: u16, from: &str) -> Value {
    let mut rule = json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port});
    match from {
        group if group.starts_with("sg-") => rule["UserIdGroupPairs"] = json!([{"GroupId": group}]),
        v6 if v6.contains(':') => rule["Ipv6Ranges"] = json!([{"CidrIpv6": v6}]),
        v4 => rule["IpRanges"] = json!([{"CidrIp": v4}]),
    }
    rule
}

fn balancer(kind: &str, name: &str, scheme: &str, ip: &str, groups: &[&str]) -> Value {
    let short = if kind == "network" { "net" } else { "app" };
    json!({
        "LoadBalancerArn": format!("{ELB}loadbalancer/{short}/{name}/1"), "LoadBalancerName": name,
        "Type": kind, "Scheme": scheme, "VpcId": "vpc-1", "State": {"Code": "active"},
        "IpAddressType": ip, "AvailabilityZones": [{"SubnetId": "public"}], "SecurityGroups": groups,
    })
}

fn listener(of: &Value, port: u16, protocol: &str, actions: Value) -> (String, Value) {
    let arn = of["LoadBalancerArn"].as_str().unwrap();
    let own = json!({"ListenerArn": format!("{arn}/{port}"), "Port": port, "Protocol": protocol,
        "DefaultActions": actions});
    (arn.to_owned(), json!({"Listeners": [own]}))
}

fn target_group(name: &str, kind: &str, (protocol, port): (&str, u16), ip: &str) -> Value {
    json!({"TargetGroupArn": format!("{ELB}targetgroup/{name}/1"), "TargetGroupName": name,
        "Protocol": protocol, "Port": port, "TargetType": kind, "IpAddressType": ip, "VpcId": "vpc-1"})
}

fn forward(name: &str) -> Value {
    json!({"Type": "forward", "TargetGroupArn": format!("{ELB}targetgroup/{name}/1")})
}

fn elbv2(
    balancers: &[Value],
    listeners: Vec<(String, Value)>,
    groups: &[Value],
    targets: &[(&str, &str)],
) -> Value {
    let of = |name: &str| format!("{ELB}targetgroup/{name}/1");
    let health: serde_json::Map<String, Value> = targets
        .iter()
        .map(|(name, id)| (of(name), json!({"TargetHealthDescriptions": [{"Target": {"Id": id}}]})))
        .collect();
    let attributes: serde_json::Map<String, Value> =
        targets.iter().map(|(name, _)| (of(name), json!({"Attributes": []}))).collect();
    let listened: serde_json::Map<String, Value> = listeners.into_iter().collect();
    // The default rule repeats the listener's default actions.
    let rules: serde_json::Map<String, Value> = listened
        .values()
        .filter_map(|own| own["Listeners"][0]["ListenerArn"].as_str())
        .map(|arn| (arn.to_owned(), json!({"Rules": []})))
        .collect();
    json!({"elbv2": {
        "DescribeLoadBalancers": {"LoadBalancers": balancers}, "DescribeListeners": listened,
        "DescribeRules": rules, "DescribeTargetGroups": {"TargetGroups": groups},
        "DescribeTargetHealth": health, "DescribeTargetGroupAttributes": attributes,
    }})
}

/// Rows through load balancers, as `resource via family ports status`.
fn behind(services: &Services) -> Vec<String> {
    let text = |row: &Row<'_>| {
        let ports: Vec<_> = row.ports.iter().flat_map(|p| p.iter()).map(|p| p.0).collect();
        let (via, family) = (row.via.to_string(), row.family.as_str());
        format!("{} {via} {family} {ports:?} {}", row.resource.id, row.status.as_str())
    };
    let reach = analyse("", services);
    reach.rows.iter().filter(|row| row.front.is_some()).map(text).collect()
}

/// A classic load balancer and its instance beside each other in the public subnet.
fn classic(acl: &[(i32, bool, bool, i32)]) -> Services {
    let elb = json!({"elb": {"DescribeLoadBalancers": {"LoadBalancerDescriptions": [{
        "LoadBalancerName": "old", "Scheme": "internet-facing", "VPCId": "vpc-1",
        "Subnets": ["public"], "SecurityGroups": ["sg-front"],
        "ListenerDescriptions": [{"Listener":
            {"Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 3306}}],
        "Instances": [{"InstanceId": "i-1"}],
    }]}}});
    Scene::new(elb)
        .group("sg-front", json!([tcp(80, "0.0.0.0/0")]))
        .group("sg-db", json!([tcp(3306, "sg-front")]))
        .instance("i-1", "public", "sg-db", ("10.0.0.5", "2a05:d018:1:0::5"))
        .acl("public", acl)
        .services()
}

#[test]
fn the_acl_of_a_classic_load_balancer_filters_what_it_sends_even_inside_one_subnet() {
    let open = [(100, false, true, 0), (100, true, true, 0)];
    assert_eq!(behind(&classic(&open)), ["i-1 lb:old ipv4 [3306] exposed"]);
    // What it sends to its neighbour on the instance's port is denied on the way out.
    let shut = [(90, true, false, 3306), open[0], open[1]];
    assert_eq!(behind(&classic(&shut)), [""; 0]);
    // The same ACL on the way in does not see it: neighbours' traffic passes no ACL.
    let inward = [(90, false, false, 3306), open[0], open[1]];
    assert_eq!(behind(&classic(&inward)), ["i-1 lb:old ipv4 [3306] exposed"]);
}

/// A network load balancer before an internal application load balancer before a search engine.
fn chained(inner_admits: &str, inner_port: u16) -> Scene {
    let outer = balancer("network", "outer", "internet-facing", "ipv4", &[]);
    let inner = balancer("application", "inner", "internal", "ipv4", &["sg-inner"]);
    let listeners = vec![
        listener(&outer, 443, "TCP", json!([forward("to-inner")])),
        listener(&inner, inner_port, "HTTP", json!([forward("search")])),
    ];
    let groups = [
        target_group("to-inner", "alb", ("TCP", 80), "ipv4"),
        target_group("search", "instance", ("HTTP", 9200), "ipv4"),
    ];
    let inner_arn = inner["LoadBalancerArn"].as_str().unwrap().to_owned();
    let targets = [("to-inner", inner_arn.as_str()), ("search", "i-1")];
    Scene::new(elbv2(&[outer, inner], listeners, &groups, &targets))
        .group("sg-inner", json!([tcp(80, inner_admits)]))
        .group("sg-search", json!([tcp(9200, "sg-inner")]))
        .instance("i-1", "private", "sg-search", ("10.0.1.5", "2a05:d018:1:1::5"))
}

#[test]
fn a_load_balancer_as_target_sees_the_client_and_hands_on_to_its_own_targets() {
    let open = chained("0.0.0.0/0", 80).services();
    assert_eq!(
        behind(&open),
        ["i-1 lb:inner ipv4 [9200] exposed", "inner lb:outer ipv4 [80] exposed"]
    );
    let reach = analyse("", &open);
    let row = reach.rows.iter().find(|row| row.resource.id == "i-1").unwrap();
    let kinds: Vec<_> = reach.chain(row).into_iter().map(|s| s.kind.into_owned()).collect();
    let through: Vec<_> = kinds
        .iter()
        .map(String::as_str)
        .skip_while(|kind| *kind != "load-balancer")
        .take_while(|kind| *kind != "network-interface")
        .collect();
    let once = ["load-balancer", "listener", "listener-rule", "target-group"];
    assert_eq!(through, [&once[..], &once[..], &["security-group"]].concat());

    // The client's address is what its group has to admit.
    assert_eq!(behind(&chained("10.0.0.0/16", 80).services()), [""; 0]);
    assert_eq!(behind(&chained("0.0.0.0/0", 8080).services()), [""; 0], "nothing listens on 80");
}

#[test]
fn listeners_of_an_internal_load_balancer_are_missed_once_something_forwards_to_it() {
    let mut open = chained("0.0.0.0/0", 80).services();
    let inner = format!("{ELB}loadbalancer/app/inner/1");
    open.elbv2.describe_listeners.remove(&inner);
    let missed: Vec<_> =
        analyse("", &open).unread.into_iter().map(|u| (u.call.operation, u.resource)).collect();
    assert!(missed.contains(&("DescribeListeners", Some(inner.clone()))), "{missed:?}");
    // With the way to it shut nobody needs to know.
    let outer = format!("{ELB}loadbalancer/net/outer/1");
    open.elbv2.describe_listeners.insert(outer, Default::default());
    let missed = analyse("", &open).unread;
    assert!(missed.iter().all(|u| u.resource.as_ref() != Some(&inner)), "{missed:?}");
}

#[test]
fn a_login_before_the_target_keeps_the_row_and_is_named() {
    let front = balancer("application", "front", "internet-facing", "ipv4", &["sg-front"]);
    for (kind, asks) in [
        ("authenticate-oidc", true),
        ("authenticate-cognito", true),
        ("jwt-validation", true),
        ("redirect", false),
    ] {
        let actions = json!([{"Type": kind, "Order": 1}, forward("search")]);
        let listeners = vec![listener(&front, 443, "HTTPS", actions)];
        let groups = [target_group("search", "instance", ("HTTP", 9200), "ipv4")];
        let elb = elbv2(std::slice::from_ref(&front), listeners, &groups, &[("search", "i-1")]);
        let services = Scene::new(elb)
            .group("sg-front", json!([tcp(443, "0.0.0.0/0")]))
            .group("sg-search", json!([tcp(9200, "sg-front")]))
            .instance("i-1", "private", "sg-search", ("10.0.1.5", "2a05:d018:1:1::5"))
            .services();
        assert_eq!(behind(&services), ["i-1 lb:front ipv4 [9200] exposed"], "{kind}");
        let reach = analyse("", &services);
        let row = reach.rows.iter().find(|row| row.front.is_some()).unwrap();
        assert_eq!(row.front.as_ref().unwrap().paths[0].asks == Asks::Login, asks, "{kind}");
        assert_eq!(reach.line(row).contains("after the client has signed in"), asks, "{kind}");
    }
}

/// What is asked of clients before `actions` of a rule with these conditions forward to a target.
fn asked(conditions: Value, actions: Value) -> (Asks, String) {
    let front = balancer("application", "front", "internet-facing", "ipv4", &["sg-front"]);
    let listeners = vec![listener(&front, 443, "HTTPS", json!([{"Type": "fixed-response"}]))];
    let id = listeners[0].1["Listeners"][0]["ListenerArn"].as_str().unwrap().to_owned();
    let groups = [target_group("search", "instance", ("HTTP", 9200), "ipv4")];
    let mut elb = elbv2(std::slice::from_ref(&front), listeners, &groups, &[("search", "i-1")]);
    let rule = json!({"Priority": "1", "Conditions": conditions, "Actions": actions});
    elb["elbv2"]["DescribeRules"] = json!({id: {"Rules": [rule]}});
    let services = Scene::new(elb)
        .group("sg-front", json!([tcp(443, "0.0.0.0/0")]))
        .group("sg-search", json!([tcp(9200, "sg-front")]))
        .instance("i-1", "private", "sg-search", ("10.0.1.5", "2a05:d018:1:1::5"))
        .services();
    let reach = analyse("", &services);
    let row = reach.rows.iter().find(|row| row.front.is_some()).unwrap();
    (row.front.as_ref().unwrap().paths[0].asks, reach.line(row))
}

#[test]
fn a_login_that_may_be_left_out_is_none() {
    let host = json!([{"Field": "host-header", "Values": ["db.example.com"]}]);
    for (config, kind) in [
        ("AuthenticateOidcConfig", "authenticate-oidc"),
        ("AuthenticateCognitoConfig", "authenticate-cognito"),
    ] {
        for (without, expected) in
            [("allow", Asks::OptionalLogin), ("deny", Asks::Login), ("authenticate", Asks::Login)]
        {
            let login = json!({"Type": kind, config: {"OnUnauthenticatedRequest": without}});
            let (asks, line) = asked(host.clone(), json!([login, forward("search")]));
            assert_eq!(asks, expected, "{kind} {without}");
            let signed_in = line.contains("after the client has signed in");
            assert_eq!(signed_in, expected == Asks::Login, "{line}");
        }
    }
}

#[test]
fn a_value_in_a_header_or_in_the_query_hinders_and_is_not_printed() {
    let header = json!({"Field": "http-header",
        "HttpHeaderConfig": {"HttpHeaderName": "X-Origin", "Values": ["hush"]}});
    let query = json!({"Field": "query-string",
        "QueryStringConfig": {"Values": [{"Key": "token", "Value": "hush"}]}});
    let host = json!({"Field": "host-header", "Values": ["db.example.com"]});
    let address = json!({"Field": "source-ip", "SourceIpConfig": {"Values": ["0.0.0.0/0"]}});
    for (conditions, expected) in [
        (json!([header]), Asks::Value),
        (json!([query]), Asks::Value),
        (json!([address, header]), Asks::Value),
        (json!([host, query]), Asks::Value),
        (json!([host]), Asks::Nothing),
        (json!([address]), Asks::Nothing),
    ] {
        let (asks, line) = asked(conditions.clone(), json!([forward("search")]));
        assert_eq!(asks, expected, "{conditions}");
        let said = line.contains("asks for a value that others can learn");
        assert_eq!(said, expected == Asks::Value, "{line}");
        assert!(!line.contains("hush"), "{line}");
    }
}

/// A dual-stack network load balancer with the target's groups admitting `from`.
fn dual(ip: &str, (kind, target): (&str, &str), from: &[&str]) -> Services {
    let front = balancer("network", "front", "internet-facing", "dualstack", &[]);
    let listeners = vec![listener(&front, 5432, "TCP", json!([forward("db")]))];
    let groups = [target_group("db", kind, ("TCP", 5432), ip)];
    let elb = elbv2(&[front], listeners, &groups, &[("db", target)]);
    let rules: Vec<Value> = from.iter().map(|from| tcp(5432, from)).collect();
    Scene::new(elb)
        .group("sg-db", json!(rules))
        .instance("i-1", "private", "sg-db", ("10.0.1.5", "2a05:d018:1:1::5"))
        .services()
}

#[test]
fn a_network_load_balancer_reaches_ipv6_targets_with_the_clients_address_where_families_agree() {
    let instance = ("instance", "i-1");
    // The client's own address: only IPv6 clients, and only if the group admits them.
    assert_eq!(
        behind(&dual("ipv6", instance, &["::/0"])),
        // IPv4 clients come as the node's IPv6 address, which the group admits as well.
        ["i-1 lb:front ipv4 [5432] exposed", "i-1 lb:front ipv6 [5432] exposed"]
    );
    assert_eq!(
        behind(&dual("ipv6", instance, &["2a05:d018:1::/48"])),
        ["i-1 lb:front ipv4 [5432] exposed"],
        "the nodes' addresses and nobody else's"
    );
    assert_eq!(behind(&dual("ipv6", instance, &["0.0.0.0/0"])), [""; 0], "no rule for IPv6");
    // By address nothing is preserved: the nodes stand for everyone.
    let address = ("ip", "2a05:d018:1:1::5");
    assert_eq!(
        behind(&dual("ipv6", address, &["2a05:d018:1::/48"])),
        ["i-1 lb:front ipv4 [5432] exposed", "i-1 lb:front ipv6 [5432] exposed"]
    );
}

#[test]
fn a_dual_stack_database_is_public_over_ipv4_alone() {
    // RDS user guide, "Dual-stack mode": IPv6 endpoints are private only.
    let rds = json!({"rds": {"DescribeDBInstances": {"DBInstances": [{
        "DBInstanceIdentifier": "db", "PubliclyAccessible": true, "NetworkType": "DUAL",
        "Endpoint": {"Port": 5432}, "AvailabilityZone": "eu-west-1a",
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-db", "Status": "active"}],
        "DBSubnetGroup": {"VpcId": "vpc-1", "Subnets": [{"SubnetIdentifier": "public",
            "SubnetAvailabilityZone": {"Name": "eu-west-1a"}}]},
    }]}}});
    let services = Scene::new(rds)
        .group("sg-db", json!([tcp(5432, "0.0.0.0/0"), tcp(5432, "::/0")]))
        .services();
    let reach = analyse("", &services);
    let rows: Vec<_> = reach
        .rows
        .iter()
        .filter(|row| row.resource.id == "db")
        .map(|row| (row.family.as_str(), row.status))
        .collect();
    assert_eq!(rows, [("ipv4", Status::Exposed)]);
}
