//! Random services: databases, clusters, and load balancers with rules and targets.

use serde_json::{Value, json};

use super::generate::{Build, V4, V6};
use super::random::Random;

impl Build {
    fn memberships(&self, r: &mut Random) -> Vec<Value> {
        let status = |r: &mut Random| if r.chance(85) { "active" } else { "removing" };
        let groups = self.some_groups(r);
        groups.iter().map(|g| json!({"VpcSecurityGroupId": g, "Status": status(r)})).collect()
    }

    pub(super) fn databases(&mut self, r: &mut Random) {
        if r.chance(60) {
            return;
        }
        let in_vpc = |vpc: usize, build: &Build| -> Vec<Value> {
            let all = (0..build.subnets.len()).filter(|s| build.vpc_of[*s] == vpc);
            all.map(|s| {
                let zone = build.subnets[s]["AvailabilityZone"].clone();
                json!({"SubnetIdentifier": format!("subnet-{s}"),
                    "SubnetAvailabilityZone": {"Name": zone}})
            })
            .collect()
        };
        let vpc = r.below(self.vpcs);
        let subnets = in_vpc(vpc, self);
        let zone = r.of(&subnets)["SubnetAvailabilityZone"]["Name"].clone();
        let port = *r.of(&[22, 3306, 8080]);
        let public = r.chance(70);
        let groups = self.memberships(r);
        if r.chance(50) {
            self.databases.push(json!({
                "DBInstanceIdentifier": "db-0",
                "DBInstanceStatus": r.pick(&[
                    "available", "available", "available", "rebooting", "stopped", "levitating",
                ]),
                "PubliclyAccessible": public,
                "Endpoint": {"Port": port},
                "AvailabilityZone": zone,
                "VpcSecurityGroups": groups,
                "DBSubnetGroup": {"VpcId": format!("vpc-{vpc}"), "Subnets": subnets},
            }));
        } else {
            self.clusters.push(json!({
                "ClusterIdentifier": "dw-0",
                "ClusterStatus": r.pick(&["available", "available", "resizing", "paused"]),
                "PubliclyAccessible": public,
                "Endpoint": {"Port": port},
                "AvailabilityZone": zone,
                "ClusterSubnetGroupName": "own",
                "VpcSecurityGroups": groups,
            }));
            self.cluster_subnets.push(json!({
                "ClusterSubnetGroupName": "other", "Subnets": [],
            }));
            self.cluster_subnets.push(json!({
                "ClusterSubnetGroupName": "own", "VpcId": format!("vpc-{vpc}"), "Subnets": subnets,
            }));
        }
    }

    fn nodes(&mut self, r: &mut Random, mark: &str, subnets: &[usize], kind: &str, public: bool) {
        for &place in subnets {
            if r.chance(60) {
                let number = self.interfaces.len();
                let mut node = self.interface(r, number, place);
                node["Description"] = json!(format!("ELB {mark}"));
                node["InterfaceType"] = json!(kind);
                node["RequesterManaged"] = json!(public);
                self.interfaces.push(node);
            }
        }
    }

    pub(super) fn balancers(&mut self, r: &mut Random) {
        if r.chance(40) {
            return;
        }
        let vpc = r.below(self.vpcs);
        self.targets(r);
        for number in 0..1 + r.below(2) {
            match r.below(3) {
                0 => self.classic(r, vpc, number),
                1 => self.v2(r, vpc, number, "application"),
                _ => self.v2(r, vpc, number, "network"),
            }
        }
    }

    fn targets(&mut self, r: &mut Random) {
        for number in 0..3 {
            let arn = format!("arn:aws:elasticloadbalancing:r:1:targetgroup/t{number}/1");
            let kind = r.pick(&["instance", "instance", "ip", "lambda", "alb"]);
            let port = *r.of(&[22, 80, 3306, 8080]);
            let mut group = json!({
                "TargetGroupArn": arn,
                "Protocol": r.pick(&["TCP", "TCP", "HTTP", "UDP", "TCP_UDP", "TLS"]),
                "Port": port,
                "TargetType": kind,
            });
            if kind != "lambda" && r.chance(10) {
                group["IpAddressType"] = json!("ipv6");
            }
            let mut described = Vec::new();
            for _ in 0..1 + r.below(2) {
                let id = match kind {
                    "instance" => format!("i-{}", r.below(self.instances.len())),
                    "lambda" => "arn:aws:lambda:r:1:function:f".to_owned(),
                    "alb" => "arn:aws:elasticloadbalancing:r:1:loadbalancer/app/lb0/1".to_owned(),
                    _ => {
                        let own = r.of(&self.interfaces);
                        let v4 = own["PrivateIpAddresses"][0]["PrivateIpAddress"].as_str();
                        let v6 = own["Ipv6Addresses"][0]["Ipv6Address"].as_str();
                        let found = if r.chance(80) { v4.or(v6) } else { v6.or(v4) };
                        let found = found.unwrap_or("10.0.0.250").to_owned();
                        // Of nobody who is known.
                        let stranger = r.pick(&["10.1.0.77", "172.16.5.5", "10.0.0.250"]);
                        if r.chance(85) { found } else { stranger.to_owned() }
                    }
                };
                let mut target = json!({"Id": id});
                if kind != "lambda" && r.chance(70) {
                    target["Port"] = json!(*r.of(&[22, 80, 443, 3306, 8080]));
                }
                described.push(json!({"Target": target}));
            }
            self.health.insert(arn.clone(), json!({"TargetHealthDescriptions": described}));
            let value = r.pick(&["true", "false"]);
            let attributes = if r.chance(40) {
                json!([{"Key": "preserve_client_ip.enabled", "Value": value}])
            } else {
                json!([])
            };
            self.attributes.insert(arn, json!({"Attributes": attributes}));
            self.target_groups.push(group);
        }
    }

    fn action(&self, r: &mut Random) -> Value {
        let arn = |r: &mut Random| {
            format!("arn:aws:elasticloadbalancing:r:1:targetgroup/t{}/1", r.below(3))
        };
        match r.below(5) {
            0 => json!({"Type": "fixed-response"}),
            1 => {
                let shares = [
                    json!({"TargetGroupArn": arn(r), "Weight": 1}),
                    json!({"TargetGroupArn": arn(r), "Weight": r.below(2)}),
                ];
                json!({"Type": "forward", "ForwardConfig": {"TargetGroups": shares}})
            }
            _ => json!({"Type": "forward", "TargetGroupArn": arn(r)}),
        }
    }

    fn v2(&mut self, r: &mut Random, vpc: usize, number: usize, kind: &str) {
        let short = if kind == "network" { "net" } else { "app" };
        let mark = format!("{short}/lb{number}/1");
        let arn = format!("arn:aws:elasticloadbalancing:r:1:loadbalancer/{mark}");
        let subnets = self.some_subnets(r, vpc);
        let node = if kind == "network" { "network_load_balancer" } else { "interface" };
        self.nodes(r, &mark, &subnets, node, true);
        // AWS refuses a dualstack load balancer in a subnet without IPv6.
        let v6 = |s: &usize| {
            let blocks = self.subnets[*s]["Ipv6CidrBlockAssociationSet"].as_array();
            blocks.is_some_and(|blocks| !blocks.is_empty())
        };
        let types = ["ipv4", "dualstack", "dualstack-without-public-ipv4"];
        let ip_type = if subnets.iter().all(v6) { r.pick(&types) } else { "ipv4" };
        let without = kind == "network" && r.chance(50);
        let groups = if without || r.chance(5) { Vec::new() } else { self.some_groups(r) };
        let zones: Vec<Value> =
            subnets.iter().map(|s| json!({"SubnetId": format!("subnet-{s}")})).collect();
        self.v2.push(json!({
            "LoadBalancerArn": arn,
            "LoadBalancerName": format!("lb{number}"),
            "Type": kind,
            "Scheme": if r.chance(75) { "internet-facing" } else { "internal" },
            "VpcId": format!("vpc-{vpc}"),
            "State": {"Code": r.pick(&[
                "active", "active", "active", "active_impaired", "provisioning", "failed",
            ])},
            "IpAddressType": ip_type,
            "AvailabilityZones": zones,
            "SecurityGroups": groups,
        }));
        let mut listeners = Vec::new();
        for (index, port) in [80, 443, 22].into_iter().take(1 + r.below(3)).enumerate() {
            let protocol = if kind == "network" {
                r.pick(&["TCP", "TCP", "TLS", "UDP", "TCP_UDP"])
            } else {
                r.pick(&["HTTP", "HTTPS"])
            };
            let id = format!("{arn}/listener/{index}");
            listeners.push(json!({
                "ListenerArn": id,
                "Port": port,
                "Protocol": protocol,
                "DefaultActions": [self.action(r)],
            }));
            let default = listeners[index]["DefaultActions"].clone();
            if kind == "application" {
                self.listener_rules(r, id, default);
            } else {
                self.rules_by_family(r, id, default);
            }
        }
        self.listeners.insert(arn, json!({"Listeners": listeners}));
    }

    fn listener_rules(&mut self, r: &mut Random, listener: String, default: Value) {
        let mut rules = vec![json!({"Priority": "default", "IsDefault": true, "Actions": default})];
        for priority in 0..r.below(3) {
            let mut conditions = Vec::new();
            if r.chance(60) {
                let values: Vec<&str> = (0..1 + r.below(2))
                    .map(|_| if r.chance(75) { r.pick(&V4) } else { r.pick(&V6) })
                    .collect();
                conditions.push(json!({
                    "Field": "source-ip", "SourceIpConfig": {"Values": values},
                }));
            }
            if conditions.is_empty() || r.chance(30) {
                conditions.push(json!({"Field": "host-header", "Values": ["example.com"]}));
            }
            // Priorities are numbers: "10" comes after "9".
            let priority = (8 + priority).to_string();
            rules.push(json!({
                "Priority": priority, "Conditions": conditions, "Actions": [self.action(r)],
            }));
        }
        let by = r.below(rules.len());
        rules.rotate_left(by);
        self.rules.insert(listener, json!({"Rules": rules}));
    }

    /// Rules of a network load balancer's listener: one for each family at most.
    fn rules_by_family(&mut self, r: &mut Random, listener: String, default: Value) {
        let mut rules = vec![json!({"Priority": "default", "IsDefault": true, "Actions": default})];
        for (priority, family) in [("9", "ipv6"), ("10", "ipv4")] {
            if r.chance(25) {
                let config = json!({"IpAddressType": family});
                rules.push(json!({
                    "Priority": priority,
                    "Conditions": [{"Field": "source-ip", "SourceIpConfig": config}],
                    "Actions": [self.action(r)],
                }));
            }
        }
        let by = r.below(rules.len());
        rules.rotate_left(by);
        self.rules.insert(listener, json!({"Rules": rules}));
    }

    fn classic(&mut self, r: &mut Random, vpc: usize, number: usize) {
        let name = format!("lb{number}");
        let subnets = self.some_subnets(r, vpc);
        self.nodes(r, &name, &subnets, "interface", true);
        let listeners: Vec<Value> = [80, 443]
            .into_iter()
            .take(1 + r.below(2))
            .map(|port| {
                json!({"Listener": {
                    "Protocol": r.pick(&["HTTP", "TCP", "SSL"]),
                    "LoadBalancerPort": port,
                    "InstancePort": *r.of(&[22, 80, 8080]),
                }})
            })
            .collect();
        let instances: Vec<Value> = (0..1 + r.below(2))
            .map(|_| json!({"InstanceId": format!("i-{}", r.below(self.instances.len()))}))
            .collect();
        self.classic.push(json!({
            "LoadBalancerName": name,
            "Scheme": if r.chance(80) { "internet-facing" } else { "internal" },
            "VPCId": format!("vpc-{vpc}"),
            "Subnets": subnets.iter().map(|s| format!("subnet-{s}")).collect::<Vec<_>>(),
            "SecurityGroups": self.some_groups(r),
            "ListenerDescriptions": listeners,
            "Instances": instances,
        }));
    }
}
