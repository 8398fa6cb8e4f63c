"""Load balancers with what is behind them, and what a scanner must say of each.

The emulator gives load balancers no interfaces of their own, as AWS does; their nodes are then any
address of their subnets.
"""

from world import WORLD, tcp

# name -> (type, scheme, subnets, front port, rules of its own group or None for no group).
BALANCERS = {
    "shop": ("application", "internet-facing", ["public", "spare"], 80, [tcp(80)]),
    "cache": ("network", "internet-facing", ["public", "spare"], 6379, None),
    "search": ("application", "internet-facing", ["public", "spare"], 8081, [tcp(8081)]),
    "partner": ("application", "internet-facing", ["public", "spare"], 80, [tcp(80)]),
    "office": ("application", "internet-facing", ["public", "spare"], 80, [tcp(80, "192.0.78.0/24")]),
    "holed": ("network", "internet-facing", ["public", "spare"], 22, None),
    "guarded": ("network", "internet-facing", ["public", "spare"], 5432, None),
    "inner": ("application", "internal", ["public", "spare"], 80, [tcp(80)]),
    "page": ("application", "internet-facing", ["public", "spare"], 80, [tcp(80)]),
}

# name -> (target port, protocol, rules of the targets' group, subnet of the targets).
# `GROUP` stands for the load balancer's group, `NODES` for the subnets it sits in.
TARGETS = {
    "shop": (8080, "HTTP", "GROUP", "private"),
    "cache": (6379, "TCP", [tcp(6379)], "private"),
    "search": (9200, "HTTP", "GROUP", "private"),
    "partner": (9200, "HTTP", "GROUP", "private"),
    "office": (9200, "HTTP", "GROUP", "private"),
    # The network ACL of this subnet drops SSH, also from the load balancer.
    "holed": (22, "TCP", [tcp(22)], "hole"),
    # The load balancer keeps the client's address, which the targets do not admit.
    "guarded": (5432, "TCP", [tcp(5432, "10.0.0.0/8")], "private"),
    "inner": (9200, "HTTP", "GROUP", "private"),
}

# name -> status of `elb-public`, status of `elb-sensitive-target-public`.
TRUTH = {
    "shop": ("exposed", "exposed"),
    "cache": ("exposed", "exposed"),
    "search": ("exposed", "exposed"),
    # Only a partner's addresses are forwarded; everyone else gets a page.
    "partner": ("exposed", None),
    "office": (None, None),
    "holed": ("exposed", None),
    "guarded": ("exposed", None),
    "inner": ("latent", None),
    "page": ("exposed", None),
}


def machine(made, network, name, rules, subnet):
    """An instance without a public address behind a group of its own; answers both ids."""
    ec2 = made.client("ec2", network["region"])
    group = made.group(network, f"targets of {name}", rules)
    instance = ec2.run_instances(
        ImageId="ami-12c6146b",
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        NetworkInterfaces=[
            {
                "DeviceIndex": 0,
                "SubnetId": network["subnets"][subnet],
                "Groups": [group],
                "AssociatePublicIpAddress": False,
            }
        ],
    )["Instances"][0]["InstanceId"]
    return instance, group


def rules_of(kind, port, front):
    """The rules of the targets' group."""
    if kind != "GROUP":
        return kind
    return [
        {
            "IpProtocol": "tcp",
            "FromPort": port,
            "ToPort": port,
            "UserIdGroupPairs": [{"GroupId": front}],
        }
    ]


def balancer(made, network, name, prefix=""):
    """A load balancer with its listener, target group and target; answers its ARN."""
    kind, scheme, subnets, port, rules = BALANCERS[name]
    elbv2 = made.client("elbv2", network["region"])
    front = made.group(network, f"front of {prefix}{name}", rules) if rules is not None else None
    arn = elbv2.create_load_balancer(
        Name=prefix + name,
        Type=kind,
        Scheme=scheme,
        Subnets=[network["subnets"][one] for one in subnets],
        **({"SecurityGroups": [front]} if front else {}),
    )["LoadBalancers"][0]["LoadBalancerArn"]
    actions = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]
    forward = None
    if name in TARGETS:
        to, protocol, admitted, subnet = TARGETS[name]
        rules = rules_of(admitted, to, front)
        instance, _ = machine(made, network, prefix + name, rules, subnet)
        group = elbv2.create_target_group(
            Name=f"{prefix}{name}-targets", Protocol=protocol, Port=to, VpcId=network["vpc"]
        )["TargetGroups"][0]["TargetGroupArn"]
        elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": instance, "Port": to}])
        forward = [{"Type": "forward", "TargetGroupArn": group}]
        if admitted != "GROUP" and admitted[0]["IpRanges"] == [{"CidrIp": WORLD}]:
            # The group admits the internet, which has no way to the machine itself.
            rule = {6379: "ec2-port-public-database", 22: "ec2-port-public-admin"}[to]
            made.expect(rule, instance, network["region"], "latent")
    listener = elbv2.create_listener(
        LoadBalancerArn=arn,
        Port=port,
        Protocol="HTTP" if kind == "application" else "TCP",
        DefaultActions=actions if name == "partner" or not forward else forward,
    )["Listeners"][0]["ListenerArn"]
    if name == "partner":
        elbv2.create_rule(
            ListenerArn=listener,
            Priority=10,
            Conditions=[{"Field": "source-ip", "SourceIpConfig": {"Values": ["192.0.78.0/24"]}}],
            Actions=forward,
        )
    return arn


def classic(made, network, name):
    """A classic load balancer that forwards a database port to a private machine."""
    front = made.group(network, f"front of {name}", [tcp(3306)])
    rules = rules_of("GROUP", 3306, front)
    instance, _ = machine(made, network, name, rules, "private")
    elb = made.client("elb", network["region"])
    elb.create_load_balancer(
        LoadBalancerName=name,
        Scheme="internet-facing",
        Listeners=[
            {
                "Protocol": "TCP",
                "LoadBalancerPort": 3306,
                "InstanceProtocol": "TCP",
                "InstancePort": 3306,
            }
        ],
        Subnets=[network["subnets"]["public"], network["subnets"]["spare"]],
        SecurityGroups=[front],
    )
    elb.register_instances_with_load_balancer(
        LoadBalancerName=name, Instances=[{"InstanceId": instance}]
    )
    made.expect("elb-public", name, network["region"], "exposed")
    made.expect("elb-sensitive-target-public", name, network["region"], "exposed")


def everything(made, region):
    """Every kind in a VPC with an internet gateway, and two in one without."""
    network = made.network(region)
    for name, (front, targets) in TRUTH.items():
        balancer(made, network, name)
        made.expect("elb-public", name, region, front)
        made.expect("elb-sensitive-target-public", f"{name}-targets", region, targets)
    classic(made, network, "old")
    # The same in a VPC without a gateway: nothing gets in, and nothing behind it is followed.
    apart = made.network(region, gateway=False)
    for name in ("cache", "shop"):
        balancer(made, apart, name, "apart-")
        made.expect("elb-public", f"apart-{name}", region, "latent")
