//! Random networks: small, and made of what rules trip over.

use outcrop::inventory::aws::Services;
use serde_json::{Value, json};

use super::random::Random;

pub(super) const V4: [&str; 22] = [
    "0.0.0.0/0",
    "0.0.0.0/0",
    "0.0.0.0/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "64.0.0.0/2",
    "0.0.0.0/2",
    "52.0.0.0/8",
    "9.0.0.0/8",
    "52.128.0.0/9",
    "54.0.0.0/16",
    "54.1.0.0/17",
    "54.1.128.0/17",
    "54.2.0.0/17",
    "8.8.8.8/32",
    "10.0.0.0/8",
    "10.0.0.0/16",
    "10.0.1.0/24",
    "10.0.1.0/28",
    "100.64.0.0/10",
    "192.0.0.0/8",
    "192.0.0.0/16",
];
pub(super) const V6: [&str; 12] = [
    "::/0",
    "::/0",
    "2000::/3",
    "2000::/4",
    "2600::/12",
    "2600:1000::/32",
    "2600:2000::/33",
    "2001::/16",
    "2001:db8::/32",
    "fc00::/7",
    "2600:1f18:0:100::/64",
    "2a00::/8",
];
/// The account that looks, and another that shares with it.
pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const ANOTHER: &str = "444455556666";

const PORTS: [i32; 16] =
    [0, 1, 21, 22, 23, 79, 80, 443, 444, 1023, 1024, 3306, 8080, 8081, 32768, 65535];

/// One region.
pub(super) fn region(r: &mut Random) -> Services {
    let mut build = Build { vpcs: 1 + r.below(2), ..Build::default() };
    build.subnets(r);
    build.prefix_lists(r);
    build.groups(r);
    build.interfaces(r);
    build.acls(r);
    build.block_public_access(r);
    build.databases(r);
    build.balancers(r);
    build.routes(r);
    let mut ec2 = json!({
        "DescribeVpcs": {"Vpcs": build.described_vpcs},
        "DescribeSubnets": {"Subnets": build.subnets},
        "DescribeInternetGateways": {"InternetGateways": build.gateways},
        "DescribeRouteTables": {"RouteTables": build.tables},
        "DescribeNetworkAcls": {"NetworkAcls": build.acls},
        "DescribeSecurityGroups": {"SecurityGroups": build.groups},
        "DescribeNetworkInterfaces": {"NetworkInterfaces": build.interfaces},
        "DescribeInstances": {"Reservations": [{"Instances": build.instances}]},
        "GetManagedPrefixListEntries": build.lists,
        "DescribeVpcEndpoints": {"VpcEndpoints": build.endpoints},
    });
    for (key, value) in build.bpa {
        ec2[key] = value;
    }
    let services = json!({
        "ec2": ec2,
        "rds": {"DescribeDBInstances": {"DBInstances": build.databases}},
        "redshift": {
            "DescribeClusters": {"Clusters": build.clusters},
            "DescribeClusterSubnetGroups": {"ClusterSubnetGroups": build.cluster_subnets},
        },
        "elb": {"DescribeLoadBalancers": {"LoadBalancerDescriptions": build.classic}},
        "elbv2": {
            "DescribeLoadBalancers": {"LoadBalancers": build.v2},
            "DescribeTargetGroups": {"TargetGroups": build.target_groups},
            "DescribeListeners": build.listeners,
            "DescribeRules": build.rules,
            "DescribeTargetHealth": build.health,
            "DescribeTargetGroupAttributes": build.attributes,
        },
    });
    serde_json::from_value(services).expect("the generator writes the API's form")
}

#[derive(Default)]
pub(super) struct Build {
    pub(super) vpcs: usize,
    /// VPC of each subnet.
    pub(super) vpc_of: Vec<usize>,
    pub(super) subnets: Vec<Value>,
    pub(super) described_vpcs: Vec<Value>,
    pub(super) gateways: Vec<Value>,
    pub(super) lists: serde_json::Map<String, Value>,
    pub(super) groups: Vec<Value>,
    pub(super) interfaces: Vec<Value>,
    pub(super) instances: Vec<Value>,
    pub(super) acls: Vec<Value>,
    pub(super) tables: Vec<Value>,
    pub(super) endpoints: Vec<Value>,
    pub(super) bpa: Vec<(&'static str, Value)>,
    pub(super) databases: Vec<Value>,
    pub(super) clusters: Vec<Value>,
    pub(super) cluster_subnets: Vec<Value>,
    pub(super) classic: Vec<Value>,
    pub(super) v2: Vec<Value>,
    pub(super) target_groups: Vec<Value>,
    pub(super) listeners: serde_json::Map<String, Value>,
    pub(super) rules: serde_json::Map<String, Value>,
    pub(super) health: serde_json::Map<String, Value>,
    pub(super) attributes: serde_json::Map<String, Value>,
}

fn ports(r: &mut Random) -> (i32, i32) {
    let (a, b) = (*r.of(&PORTS), *r.of(&PORTS));
    if r.chance(50) { (a, a) } else { (a.min(b), a.max(b)) }
}

impl Build {
    fn subnets(&mut self, r: &mut Random) {
        for vpc in 0..self.vpcs {
            let firewalls: Vec<Value> = (0..r.below(5) / 3 * (1 + r.below(2)))
                .map(|number| {
                    json!({
                        "FirewallArn": format!("arn:aws:network-firewall:r:1:firewall/f{number}"),
                        "FirewallOnboardingStatus":
                            r.pick(&["active", "active", "pending", "disabling"]),
                        "FirewallMode": r.pick(&["enforce", "enforce", "enforce", "monitor"]),
                    })
                })
                .collect();
            self.described_vpcs.push(json!({
                "VpcId": format!("vpc-{vpc}"),
                "CidrBlockAssociationSet": [{"CidrBlock": "10.0.0.0/15"}],
                "NetworkFirewallAssociations": firewalls,
            }));
            let state = if r.chance(92) { "available" } else { "detached" };
            let attached = json!([{"VpcId": format!("vpc-{vpc}"), "State": state}]);
            let attached = if r.chance(95) { attached } else { json!([]) };
            self.gateways.push(json!({
                "InternetGatewayId": format!("igw-{vpc}"), "Attachments": attached,
            }));
            let owner = if r.chance(85) { ACCOUNT } else { ANOTHER };
            for number in 0..1 + r.below(3) {
                let v6 = format!("2600:1f18:{vpc}:{}::/64", 100 + number);
                let v6 = if r.chance(80) { json!([{"Ipv6CidrBlock": v6}]) } else { json!([]) };
                self.vpc_of.push(vpc);
                let id = format!("subnet-{}", self.subnets.len());
                self.subnets.push(json!({
                    "SubnetId": id,
                    "VpcId": format!("vpc-{vpc}"),
                    "CidrBlock": format!("10.{}.{number}.0/24", vpc * r.below(2)),
                    "AvailabilityZone": r.pick(&["a", "b"]),
                    "Ipv6CidrBlockAssociationSet": v6,
                    "SubnetArn": format!("arn:aws:ec2:r:1:subnet/{id}"),
                    "OwnerId": owner,
                }));
                // An own subnet's word counts for nothing beside the account's settings.
                if owner == ANOTHER || r.chance(10) {
                    let mode = r.pick(&["off", "off", "block-bidirectional", "block-ingress"]);
                    let last = self.subnets.last_mut().expect("just pushed");
                    last["BlockPublicAccessStates"] = json!({"InternetGatewayBlockMode": mode});
                }
                // A word of a VPC without a firewall means nothing.
                let words = [
                    "flexible",
                    "bidirectional",
                    "exclude",
                    "az-unsupported",
                    "outbound-only",
                    "outbound-only",
                ];
                if r.chance(80) {
                    let own = self.subnets.last_mut().expect("just pushed");
                    own["NetworkFirewallConnectivityType"] = json!(r.pick(&words));
                }
            }
        }
    }

    fn prefix_lists(&mut self, r: &mut Random) {
        for number in 0..2 {
            let entries: Vec<Value> = (0..r.below(4))
                .map(|_| json!({"Cidr": if number == 0 { r.pick(&V4) } else { r.pick(&V6) }}))
                .collect();
            self.lists.insert(format!("pl-{number}"), json!({"Entries": entries}));
        }
    }

    fn rule(&self, r: &mut Random) -> Value {
        let protocol =
            r.pick(&["tcp", "tcp", "tcp", "udp", "icmp", "icmpv6", "-1", "47", "50", "6"]);
        let mut rule = json!({"IpProtocol": protocol});
        match protocol {
            "tcp" | "udp" | "6" => {
                let (from, to) = ports(r);
                rule["FromPort"] = json!(from);
                rule["ToPort"] = json!(to);
            }
            "icmp" | "icmpv6" => {
                rule["FromPort"] = json!(*r.of(&[-1, 8, 0, 3, 128]));
                let code = if rule["FromPort"] == -1 { -1 } else { *r.of(&[-1, 0, 4]) };
                rule["ToPort"] = json!(code);
            }
            // Ports of a rule for all protocols mean nothing.
            "-1" if r.chance(30) => {
                rule["FromPort"] = json!(22);
                rule["ToPort"] = json!(22);
            }
            _ => {}
        }
        let v4: Vec<Value> = (0..r.below(3)).map(|_| json!({"CidrIp": r.pick(&V4)})).collect();
        let v6: Vec<Value> = (0..r.below(2)).map(|_| json!({"CidrIpv6": r.pick(&V6)})).collect();
        rule["IpRanges"] = json!(v4);
        rule["Ipv6Ranges"] = json!(v6);
        if r.chance(15) {
            rule["PrefixListIds"] = json!([{"PrefixListId": format!("pl-{}", r.below(2))}]);
        }
        if r.chance(25) {
            rule["UserIdGroupPairs"] = json!([{"GroupId": format!("sg-{}", r.below(5))}]);
        }
        rule
    }

    fn groups(&mut self, r: &mut Random) {
        for number in 0..5 {
            let rules: Vec<Value> = (0..r.below(4)).map(|_| self.rule(r)).collect();
            let owner = if r.chance(90) { ACCOUNT } else { ANOTHER };
            self.groups.push(json!({
                "GroupId": format!("sg-{number}"), "VpcId": "vpc-0", "OwnerId": owner,
                "IpPermissions": rules,
            }));
        }
    }

    pub(super) fn some_groups(&self, r: &mut Random) -> Vec<String> {
        // The last group often stays without a user.
        let among = 4 + r.below(2);
        (0..1 + r.below(2)).map(|_| format!("sg-{}", r.below(among))).collect()
    }

    fn interfaces(&mut self, r: &mut Random) {
        let instances = 1 + r.below(3);
        for number in 0..instances {
            let state = r.pick(&[
                "running",
                "running",
                "running",
                "pending",
                "stopped",
                "stopping",
                "terminated",
            ]);
            self.instances.push(json!({
                "InstanceId": format!("i-{number}"), "State": {"Name": state},
            }));
        }
        let mut taken = vec![0; instances];
        for number in 0..1 + r.below(5) {
            let place = r.below(self.subnets.len());
            let mut interface = self.interface(r, number, place);
            if r.chance(10) {
                // A participant's, whose instances the owner of the subnet is not told.
                interface["OwnerId"] = json!(ANOTHER);
                interface["Attachment"] = json!({
                    "InstanceId": format!("i-theirs-{number}"), "DeviceIndex": 0,
                    "InstanceOwnerId": ANOTHER,
                });
            } else if r.chance(75) {
                let instance = r.below(instances);
                interface["Attachment"] = json!({
                    "InstanceId": format!("i-{instance}"), "DeviceIndex": taken[instance],
                });
                taken[instance] += 1;
            } else {
                interface["RequesterManaged"] = json!(r.chance(50));
                match r.below(6) {
                    0 => interface["Status"] = json!("available"),
                    1 => interface["InterfaceType"] = json!(r.pick(&["nat_gateway", "lambda"])),
                    2 => interface["Description"] = json!("RDSNetworkInterface"),
                    _ => {}
                }
            }
            self.interfaces.push(interface);
        }
    }

    pub(super) fn interface(&mut self, r: &mut Random, number: usize, place: usize) -> Value {
        let subnet = self.subnets[place].clone();
        let block = subnet["CidrBlock"].as_str().expect("it has one").replace("0/24", "");
        let public = json!({"PublicIp": format!("54.9.9.{number}")});
        let mut addresses = Vec::new();
        let mut top = Value::Null;
        if r.chance(90) {
            let mut first = json!({
                "PrivateIpAddress": format!("{block}{}", 10 + number), "Primary": true,
            });
            if r.chance(65) {
                // Some answers carry the association only at the top.
                if r.chance(80) {
                    first["Association"] = public.clone();
                }
                top = public.clone();
            }
            addresses.push(first);
            if r.chance(20) {
                let mut second = json!({
                    "PrivateIpAddress": format!("{block}{}", 100 + number), "Primary": false,
                });
                if r.chance(50) {
                    second["Association"] = public;
                }
                addresses.push(second);
            }
        }
        let block = subnet["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"].as_str();
        let (mut v6, mut prefixes) = (Vec::new(), Vec::new());
        if let Some(block) = block.map(|b| b.replace("::/64", "")) {
            if r.chance(60) {
                let own = format!("{block}::{}", 10 + number);
                let address = if r.chance(85) { own } else { format!("fd00::{number}") };
                v6.push(json!({"Ipv6Address": address}));
            }
            if r.chance(15) {
                prefixes.push(json!({"Ipv6Prefix": format!("{block}:b::/80")}));
            }
        }
        let mut interface = json!({
            "NetworkInterfaceId": format!("eni-{number}"),
            "SubnetId": subnet["SubnetId"],
            "VpcId": subnet["VpcId"],
            "Status": "in-use",
            "InterfaceType": "interface",
            "SourceDestCheck": r.chance(50),
            "Groups": self.some_groups(r).iter().map(|g| json!({"GroupId": g})).collect::<Vec<_>>(),
            "PrivateIpAddresses": addresses,
            "Ipv6Addresses": v6,
            "Ipv6Prefixes": prefixes,
        });
        if let Some(first) = interface["PrivateIpAddresses"][0]["PrivateIpAddress"].as_str() {
            interface["PrivateIpAddress"] = json!(first.to_owned());
        }
        if !top.is_null() {
            interface["Association"] = top;
        }
        interface
    }

    fn acl_entry(r: &mut Random, number: usize, egress: bool) -> Value {
        let protocol = r.pick(&["-1", "-1", "6", "6", "17", "1", "58", "47"]);
        let mut entry = json!({
            "RuleNumber": number,
            "RuleAction": if r.chance(55) { "allow" } else { "deny" },
            "Protocol": protocol,
            "Egress": egress,
        });
        match protocol {
            "6" | "17" => {
                let (from, to) = ports(r);
                entry["PortRange"] = json!({"From": from, "To": to});
            }
            "1" | "58" => {
                let kind = *r.of(&[-1, 8, 0, 128]);
                let code = if kind == -1 { -1 } else { *r.of(&[-1, 0]) };
                entry["IcmpTypeCode"] = json!({"Type": kind, "Code": code});
            }
            _ => {}
        }
        if r.chance(70) {
            entry["CidrBlock"] = json!(r.pick(&V4));
        } else {
            entry["Ipv6CidrBlock"] = json!(r.pick(&V6));
        }
        entry
    }

    fn acl(&mut self, r: &mut Random, vpc: usize, open: bool, subnets: &[usize]) {
        let mut entries = Vec::new();
        for egress in [false, true] {
            if !open {
                for number in 0..r.below(4) {
                    let number = 10 + number * 7 + r.below(7);
                    entries.push(Self::acl_entry(r, number, egress));
                }
            }
            if open || r.chance(75) {
                let all = json!({"RuleNumber": 100, "RuleAction": "allow", "Protocol": "-1",
                    "Egress": egress, "CidrBlock": "0.0.0.0/0"});
                entries.push(all);
                let all = json!({"RuleNumber": 101, "RuleAction": "allow", "Protocol": "-1",
                    "Egress": egress, "Ipv6CidrBlock": "::/0"});
                entries.push(all);
            }
        }
        // Evaluation goes by number, not by the order of the answer.
        let by = r.below(entries.len().max(1));
        entries.rotate_left(by);
        let associations: Vec<Value> =
            subnets.iter().map(|s| json!({"SubnetId": format!("subnet-{s}")})).collect();
        self.acls.push(json!({
            "NetworkAclId": format!("acl-{}", self.acls.len()),
            "VpcId": format!("vpc-{vpc}"),
            "IsDefault": subnets.is_empty(),
            "Associations": associations,
            "Entries": entries,
        }));
    }

    fn acls(&mut self, r: &mut Random) {
        for vpc in 0..self.vpcs {
            let open = r.chance(75);
            self.acl(r, vpc, open, &[]);
        }
        for subnet in 0..self.subnets.len() {
            if r.chance(40) {
                self.acl(r, self.vpc_of[subnet], false, &[subnet]);
            }
        }
    }

    fn destination(r: &mut Random) -> (&'static str, String) {
        match r.below(10) {
            0 => ("DestinationPrefixListId", format!("pl-{}", r.below(2))),
            1..=6 => ("DestinationCidrBlock", r.pick(&V4).to_owned()),
            _ => ("DestinationIpv6CidrBlock", r.pick(&V6).to_owned()),
        }
    }

    /// A middlebox of a VPC: routes cannot name one of another.
    fn hop(&self, r: &mut Random, vpc: usize) -> (&'static str, String) {
        let own = |i: &&Value| i["VpcId"] == format!("vpc-{vpc}");
        let own: Vec<&Value> = self.interfaces.iter().filter(own).collect();
        if own.is_empty() || r.chance(50) {
            ("GatewayId", format!("vpce-{vpc}"))
        } else {
            let id = r.of(&own)["NetworkInterfaceId"].as_str().expect("it has one");
            ("NetworkInterfaceId", id.to_owned())
        }
    }

    fn table(&mut self, r: &mut Random, vpc: usize, association: Value) {
        let state = |r: &mut Random| {
            r.pick(&["active", "active", "active", "active", "blackhole", "filtered"]).to_owned()
        };
        let mut routes = vec![json!({"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local",
            "Origin": "CreateRouteTable", "State": "active"})];
        let mut seen: Vec<String> = Vec::new();
        for (key, block) in
            [("DestinationCidrBlock", "0.0.0.0/0"), ("DestinationIpv6CidrBlock", "::/0")]
        {
            if r.chance(75) {
                seen.push(block.to_owned());
                let mut route = json!({"Origin": "CreateRoute", "State": "active"});
                route[key] = json!(block);
                match r.below(12) {
                    10 => route["OdbNetworkArn"] = json!("arn:aws:odb:r:1:odb-network/o"),
                    11 => {
                        route["IpAddress"] = json!("10.0.0.77");
                        route["Origin"] = json!("Advertisement");
                    }
                    0 => route["NatGatewayId"] = json!("nat-0"),
                    1 => route["EgressOnlyInternetGatewayId"] = json!("eigw-0"),
                    2 | 3 => {
                        let (key, id) = self.hop(r, vpc);
                        route[key] = json!(id);
                    }
                    _ => route["GatewayId"] = json!(format!("igw-{vpc}")),
                }
                routes.push(route);
            }
        }
        for _ in 0..r.below(4) {
            let (key, block) = Self::destination(r);
            let mut route = json!({"State": state(r), "Origin": "CreateRoute"});
            if r.chance(25) && key != "DestinationPrefixListId" {
                let by = r.pick(&["EnableVgwRoutePropagation", "Advertisement"]);
                route["Origin"] = json!(by);
                match r.chance(50) {
                    true => route["GatewayId"] = json!("vgw-0"),
                    false => route["IpAddress"] = json!("10.0.0.78"),
                }
            } else {
                // AWS refuses a second static route to the same block.
                if seen.contains(&block) {
                    continue;
                }
                seen.push(block.clone());
                match r.below(5) {
                    0 => route["TransitGatewayId"] = json!("tgw-0"),
                    1 => {
                        let (key, id) = self.hop(r, vpc);
                        route[key] = json!(id);
                    }
                    _ => route["GatewayId"] = json!(format!("igw-{}", r.below(self.vpcs))),
                }
            }
            route[key] = json!(block);
            routes.push(route);
        }
        for _ in 0..r.below(3) {
            let (key, block) = *r.of(&[
                ("DestinationCidrBlock", "10.1.0.0/16"),
                ("DestinationCidrBlock", "10.1.0.0/24"),
                ("DestinationCidrBlock", "10.0.0.0/8"),
                ("DestinationCidrBlock", "10.0.0.0/24"),
                ("DestinationCidrBlock", "172.16.0.0/12"),
                ("DestinationIpv6CidrBlock", "2600:1f18::/32"),
            ]);
            if seen.iter().any(|known| known == block) {
                continue;
            }
            seen.push(block.to_owned());
            let mut route = json!({"State": state(r), "Origin": "CreateRoute"});
            let (link, id) = *r.of(&[
                ("VpcPeeringConnectionId", "pcx-0"),
                ("VpcPeeringConnectionId", "pcx-0"),
                ("VpcPeeringConnectionId", "pcx-1"),
                ("TransitGatewayId", "tgw-0"),
                ("TransitGatewayId", "tgw-1"),
                ("CoreNetworkArn", "arn:aws:networkmanager::1:core-network/c"),
                ("GatewayId", "vgw-0"),
            ]);
            route[key] = json!(block);
            route[link] = json!(id);
            routes.push(route);
        }
        self.push_table(r, vpc, vec![association], routes);
    }

    fn push_table(
        &mut self,
        r: &mut Random,
        vpc: usize,
        associations: Vec<Value>,
        routes: Vec<Value>,
    ) {
        let mut routes = routes;
        let by = r.below(routes.len());
        routes.rotate_left(by);
        self.tables.push(json!({
            "RouteTableId": format!("rtb-{}", self.tables.len()),
            "VpcId": format!("vpc-{vpc}"),
            "Associations": associations,
            "Routes": routes,
        }));
    }

    fn routes(&mut self, r: &mut Random) {
        for vpc in 0..self.vpcs {
            let places = self.some_subnets(r, vpc);
            let own = *r.of(&places);
            self.endpoints.push(json!({
                "VpcEndpointId": format!("vpce-{vpc}"),
                "VpcEndpointType": "GatewayLoadBalancer",
                "SubnetIds": [format!("subnet-{own}")],
            }));
        }
        for vpc in 0..self.vpcs {
            self.table(r, vpc, json!({"Main": true}));
            if r.chance(35) {
                self.edge_table(r, vpc);
            }
        }
        for subnet in 0..self.subnets.len() {
            if r.chance(50) {
                let own = json!({"Main": false, "SubnetId": format!("subnet-{subnet}")});
                self.table(r, self.vpc_of[subnet], own);
            }
        }
    }

    fn edge_table(&mut self, r: &mut Random, vpc: usize) {
        let mut routes = vec![
            json!({"DestinationCidrBlock": "10.0.0.0/8", "GatewayId": "local", "State": "active"}),
            json!({"DestinationIpv6CidrBlock": "2600:1f18::/32", "GatewayId": "local",
                "State": "active"}),
        ];
        for subnet in self.subnets.clone() {
            let v6 = &subnet["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"];
            let blocks =
                [("DestinationCidrBlock", &subnet["CidrBlock"]), ("DestinationIpv6CidrBlock", v6)];
            for (key, block) in blocks.into_iter().filter(|(_, block)| !block.is_null()) {
                if subnet["VpcId"] != format!("vpc-{vpc}") || r.chance(45) {
                    continue;
                }
                let state = if r.chance(80) { "active" } else { "blackhole" };
                let mut route = json!({"State": state, "Origin": "CreateRoute"});
                route[key] = block.clone();
                let (hop, id) = self.hop(r, vpc);
                route[hop] = json!(id);
                routes.push(route);
            }
        }
        let mut associations = vec![json!({"Main": false, "GatewayId": format!("igw-{vpc}")})];
        if r.chance(60) {
            associations.push(json!({
                "Main": false,
                "PublicIpv4Pool": "ipv4pool-ec2-0",
                "AssociationState": {
                    "State": r.pick(&["associated", "associated", "associated", "associating"]),
                },
            }));
        }
        let own = |i: &&Value| i["VpcId"] == format!("vpc-{vpc}");
        for interface in self.interfaces.iter().filter(own) {
            if r.chance(60) {
                let number = routes.len();
                // AWS refuses blocks that are not of the pool; they must not be a door all the same.
                let block = match r.below(6) {
                    0 => format!("100.64.{number}.0/24"),
                    1 => format!("10.1.{number}.0/24"),
                    _ => format!("52.95.{number}.0/24"),
                };
                routes.push(json!({
                    "DestinationCidrBlock": block,
                    "NetworkInterfaceId": interface["NetworkInterfaceId"],
                    "State": r.pick(&["active", "active", "active", "blackhole", "filtered"]),
                    "Origin": "CreateRoute",
                }));
            }
        }
        self.push_table(r, vpc, associations, routes);
    }

    fn block_public_access(&mut self, r: &mut Random) {
        if r.chance(70) {
            return;
        }
        let mode = r.pick(&["off", "block-bidirectional", "block-ingress"]);
        let options = json!({"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": mode}});
        self.bpa.push(("DescribeVpcBlockPublicAccessOptions", options));
        let exclusions: Vec<Value> = (0..r.below(3))
            .map(|_| {
                let place = r.below(self.subnets.len());
                let of = if r.chance(50) {
                    format!("arn:aws:ec2:r:1:subnet/subnet-{place}")
                } else {
                    format!("arn:aws:ec2:r:1:vpc/vpc-{}", self.vpc_of[place])
                };
                let mode = r.pick(&["allow-bidirectional", "allow-bidirectional", "allow-egress"]);
                let state = r.pick(&[
                    "create-complete",
                    "create-complete",
                    "update-complete",
                    "delete-in-progress",
                    "create-failed",
                    "delete-complete",
                    "disable-complete",
                ]);
                json!({"ResourceArn": of, "InternetGatewayExclusionMode": mode, "State": state})
            })
            .collect();
        let exclusions = json!({"VpcBlockPublicAccessExclusions": exclusions});
        self.bpa.push(("DescribeVpcBlockPublicAccessExclusions", exclusions));
    }

    /// Subnets of one VPC, some of them.
    pub(super) fn some_subnets(&self, r: &mut Random, vpc: usize) -> Vec<usize> {
        let mut all: Vec<usize> =
            (0..self.subnets.len()).filter(|s| self.vpc_of[*s] == vpc).collect();
        while all.len() > 1 && r.chance(40) {
            all.remove(r.below(all.len()));
        }
        all
    }
}
