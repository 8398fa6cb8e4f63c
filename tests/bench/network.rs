//! How the network analysis scales: generated regions of 1,000, 10,000 and 100,000 interfaces, with
//! the time, the most memory beyond the loaded inventory, and the growth from one to the next.
//!
//! `cargo bench --no-default-features --bench network [interfaces]`

use std::time::Instant;

use outcrop::analysis::aws::network::analyse;
use outcrop::inventory::aws::Services;
use outcrop::inventory::aws::ec2::*;
use outcrop::model::Known;
use outcrop::model::Status;

/// The same sequence on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).expect("it is below `end`")
    }
}

fn main() {
    let wanted: Option<usize> = std::env::args().skip(1).find_map(|arg| arg.parse().ok());
    let sizes = wanted.map_or(vec![1_000, 10_000, 100_000], |size| vec![size]);
    println!(
        "interfaces      rules  subnets    rows  exposed  seconds   of CPU  loaded MB  beyond MB  ratio"
    );
    let mut before: Option<f64> = None;
    for size in sizes {
        let services = region(size);
        let rules: usize = services.ec2.describe_security_groups.read().map_or(0, |read| {
            read.security_groups.iter().map(|group| group.ip_permissions.len()).sum()
        });
        let loaded = memory("VmRSS");
        // From here on the kernel's high-water mark is that of the analysis (proc(5), clear_refs).
        let _ = std::fs::write("/proc/self/clear_refs", "5");
        let (start, worked) = (Instant::now(), processor());
        let reach = analyse("", &services);
        let seconds = start.elapsed().as_secs_f64();
        let worked = processor() - worked;
        let exposed = reach.rows.iter().filter(|row| row.status == Status::Exposed).count();
        println!(
            "{size:>10} {rules:>10} {:>8} {:>7} {exposed:>8} {seconds:>8.3} \
             {worked:>8.2} {loaded:>10} {:>10} {:>6}",
            size / 10,
            reach.rows.len(),
            memory("VmHWM").saturating_sub(loaded),
            before.map_or("-".to_owned(), |before| format!("{:.1}", worked / before)),
        );
        before = Some(worked.max(0.01));
    }
}

/// Seconds that the processor worked for this process, in steps of a hundredth: what counts on a
/// machine that others use too.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Megabytes that the kernel counts for this process (0 where it does not tell).
fn memory(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1024
}

/// A region of so many interfaces, with ten rules and a tenth of a subnet for each.
fn region(size: usize) -> Services {
    let mut r = Random(0x9e37_79b9_7f4a_7c15);
    let subnets = (size / 10).max(1);
    let vpcs = (size / 1_000).max(1);
    let groups = (size / 10).max(1);
    let mut services = Services::default();
    let vpc_of = |subnet: usize| format!("vpc-{}", subnet % vpcs);
    services.ec2 = Ec2 {
        describe_subnets: Known::Read(Subnets {
            subnets: (0..subnets)
                .map(|n| Subnet {
                    subnet_id: format!("subnet-{n}"),
                    vpc_id: vpc_of(n),
                    cidr_block: Some(format!("10.{}.{}.0/24", n / 256 % 256, n % 256)),
                    ..Subnet::default()
                })
                .collect(),
        }),
        describe_vpcs: Known::Read(Vpcs {
            vpcs: (0..vpcs).map(|n| Vpc { vpc_id: format!("vpc-{n}"), ..Vpc::default() }).collect(),
        }),
        describe_internet_gateways: Known::Read(InternetGateways {
            internet_gateways: (0..vpcs)
                .map(|n| InternetGateway {
                    internet_gateway_id: format!("igw-{n}"),
                    attachments: vec![InternetGatewayAttachment {
                        state: Some("available".into()),
                        vpc_id: Some(format!("vpc-{n}")),
                    }],
                })
                .collect(),
        }),
        describe_route_tables: Known::Read(RouteTables { route_tables: tables(vpcs, subnets) }),
        describe_network_acls: Known::Read(NetworkAcls {
            network_acls: acls(&mut r, vpcs, subnets),
        }),
        describe_security_groups: Known::Read(SecurityGroups {
            security_groups: (0..groups).map(|n| group(&mut r, n)).collect(),
        }),
        describe_instances: Known::Read(Reservations {
            reservations: vec![Reservation {
                instances: (0..size)
                    .map(|n| Instance {
                        instance_id: format!("i-{n:017x}"),
                        state: Some(InstanceState {
                            name: if n % 9 == 0 { "stopped" } else { "running" }.into(),
                        }),
                        ..Instance::default()
                    })
                    .collect(),
            }],
        }),
        describe_network_interfaces: Known::Read(NetworkInterfaces {
            network_interfaces: (0..size)
                .map(|n| {
                    let subnet = r.below(subnets);
                    interface(&mut r, n, subnet, &vpc_of(subnet), groups)
                })
                .collect(),
        }),
        ..Ec2::default()
    };
    services
}

fn tables(vpcs: usize, subnets: usize) -> Vec<RouteTable> {
    let route = |to: &str, igw: Option<String>, nat: Option<&str>| Route {
        destination_cidr_block: Some(to.into()),
        gateway_id: igw,
        nat_gateway_id: nat.map(str::to_owned),
        state: Some("active".into()),
        ..Route::default()
    };
    let main = (0..vpcs).map(|n| RouteTable {
        route_table_id: format!("rtb-main-{n}"),
        vpc_id: format!("vpc-{n}"),
        associations: vec![RouteTableAssociation { main: true, ..Default::default() }],
        routes: vec![
            route("10.0.0.0/8", Some("local".into()), None),
            route("0.0.0.0/0", Some(format!("igw-{n}")), None),
        ],
    });
    let private = (0..subnets).step_by(2).map(|n| RouteTable {
        route_table_id: format!("rtb-{n}"),
        vpc_id: format!("vpc-{}", n % vpcs),
        associations: vec![RouteTableAssociation {
            subnet_id: Some(format!("subnet-{n}")),
            ..Default::default()
        }],
        routes: vec![
            route("10.0.0.0/8", Some("local".into()), None),
            route("0.0.0.0/0", None, Some("nat-1")),
        ],
    });
    main.chain(private).collect()
}

fn acls(r: &mut Random, vpcs: usize, subnets: usize) -> Vec<NetworkAcl> {
    let entry =
        |number: i32, egress: bool, allow: bool, block: &str, port: Option<i32>| NetworkAclEntry {
            rule_number: number,
            rule_action: if allow { "allow" } else { "deny" }.into(),
            protocol: if port.is_some() { "6" } else { "-1" }.into(),
            egress,
            cidr_block: Some(block.into()),
            port_range: port.map(|port| PortRange { from: Some(port), to: Some(port) }),
            ..NetworkAclEntry::default()
        };
    let open = [false, true].map(|egress| entry(100, egress, true, "0.0.0.0/0", None));
    let default = (0..vpcs).map(|n| NetworkAcl {
        network_acl_id: format!("acl-default-{n}"),
        vpc_id: format!("vpc-{n}"),
        is_default: true,
        entries: open.to_vec(),
        ..NetworkAcl::default()
    });
    let mut all: Vec<NetworkAcl> = default.collect();
    for n in (0..subnets).step_by(3) {
        let mut entries = open.to_vec();
        for number in 1..20 {
            let block = format!("{}.0.0.0/8", 1 + r.below(200));
            entries.push(entry(number, false, false, &block, i32::try_from(r.below(9_000)).ok()));
        }
        all.push(NetworkAcl {
            network_acl_id: format!("acl-{n}"),
            vpc_id: format!("vpc-{}", n % vpcs),
            associations: vec![NetworkAclAssociation { subnet_id: Some(format!("subnet-{n}")) }],
            entries,
            ..NetworkAcl::default()
        });
    }
    all
}

fn group(r: &mut Random, number: usize) -> SecurityGroup {
    let ip_permissions = (0..100)
        .map(|rule| {
            let block = match r.below(40) {
                0 if rule < 4 => "0.0.0.0/0".to_owned(),
                1 if rule < 4 => format!("{}.0.0.0/8", 20 + r.below(100)),
                2..20 => format!("10.{}.{}.0/24", r.below(256), r.below(256)),
                _ => format!(
                    "{}.{}.{}.{}/32",
                    20 + r.below(100),
                    r.below(256),
                    r.below(256),
                    r.below(256)
                ),
            };
            let port = [22, 80, 443, 3306, 5432, 6379, 8080][r.below(7)];
            IpPermission {
                ip_protocol: "tcp".into(),
                from_port: Some(port),
                to_port: Some(port),
                ip_ranges: vec![IpRange { cidr_ip: block }],
                ..IpPermission::default()
            }
        })
        .collect();
    SecurityGroup {
        group_id: format!("sg-{number:017x}"),
        ip_permissions,
        ..SecurityGroup::default()
    }
}

fn interface(
    r: &mut Random,
    number: usize,
    subnet: usize,
    vpc: &str,
    groups: usize,
) -> NetworkInterface {
    let public = (r.below(2) == 0).then(|| Association { public_ip: Some("54.1.2.3".into()) });
    let address = format!("10.{}.{}.{}", subnet / 256 % 256, subnet % 256, 1 + number % 250);
    let chosen = (0..1 + r.below(3))
        .map(|_| GroupIdentifier { group_id: format!("sg-{:017x}", r.below(groups)) });
    NetworkInterface {
        network_interface_id: format!("eni-{number:017x}"),
        subnet_id: format!("subnet-{subnet}"),
        vpc_id: vpc.to_owned(),
        status: Some("in-use".into()),
        groups: chosen.collect(),
        attachment: Some(Attachment {
            instance_id: Some(format!("i-{number:017x}")),
            device_index: Some(0),
            instance_owner_id: None,
        }),
        private_ip_addresses: vec![PrivateIpAddress {
            private_ip_address: address,
            primary: true,
            association: public,
        }],
        ..NetworkInterface::default()
    }
}
