"""Builds an AWS account in the emulator and writes down what is exposed, by construction.

Each kind below says in one place how a resource is made and what a scanner must say about it.
"""

import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

WORLD = "0.0.0.0/0"
BLOCK_ALL = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


def allow(actions, principal="*", condition=None, effect="Allow"):
    """A statement about the bucket and all its objects; `BUCKET` is replaced by the name."""
    statement = {
        "Effect": effect,
        "Principal": principal,
        "Action": actions,
        "Resource": ["arn:aws:s3:::BUCKET", "arn:aws:s3:::BUCKET/*"],
    }
    if condition:
        statement["Condition"] = condition
    return statement


READ = allow("s3:GetObject")

# kind -> (settings, status of `s3-bucket-public` or None).
# Settings: policy (statements), acl, grants (to everyone, one by one), block (bucket level), ownership, website.
BUCKETS = {
    # What a bucket made since April 2023 looks like, and the one of before.
    "modern": ({"block": BLOCK_ALL, "ownership": "BucketOwnerEnforced"}, None),
    "bare": ({}, None),
    "owner-enforced": ({"ownership": "BucketOwnerEnforced"}, None),
    # Open by policy.
    "policy-read": ({"policy": [READ], "ownership": "BucketOwnerEnforced"}, "exposed"),
    "policy-list": (
        {"policy": [allow(["s3:GetObject", "s3:ListBucket"])], "ownership": "BucketOwnerEnforced"},
        "exposed",
    ),
    "policy-aws-star": ({"policy": [allow("s3:*", {"AWS": "*"})]}, "exposed"),
    # Only new policies and ACLs are refused; what is there still counts.
    "policy-blocks-new-only": (
        {
            "policy": [READ],
            "block": {"BlockPublicAcls": True, "BlockPublicPolicy": True},
            "ownership": "BucketOwnerEnforced",
        },
        "exposed",
    ),
    "website": (
        {"policy": [READ], "website": True, "ownership": "BucketOwnerEnforced"},
        "exposed",
    ),
    # A condition that anybody meets.
    "tls-only": (
        {
            "policy": [allow("s3:GetObject", condition={"Bool": {"aws:SecureTransport": "true"}})],
            "ownership": "BucketOwnerEnforced",
        },
        "exposed",
    ),
    # A Deny that leaves the grant alone: it asks for TLS.
    "deny-plain-http": (
        {
            "policy": [
                READ,
                allow(
                    "s3:*",
                    condition={"Bool": {"aws:SecureTransport": "false"}},
                    effect="Deny",
                ),
            ],
            "ownership": "BucketOwnerEnforced",
        },
        "exposed",
    ),
    # Open by ACL.
    "acl-read": ({"acl": "public-read", "ownership": "ObjectWriter"}, "exposed"),
    "acl-write": ({"grants": ["READ", "WRITE"], "ownership": "BucketOwnerPreferred"}, "exposed"),
    "acl-any-aws": ({"acl": "authenticated-read"}, "exposed"),
    # Granted and shut.
    "policy-restricted": (
        {"policy": [READ], "block": BLOCK_ALL, "ownership": "BucketOwnerEnforced"},
        "latent",
    ),
    "acl-ignored": (
        {"acl": "public-read", "ownership": "ObjectWriter", "block": {"IgnorePublicAcls": True}},
        "latent",
    ),
    # Bounded, and cancelled: latent at most, so only `--latent` may name them.
    "office-only": (
        {
            "policy": [
                allow("s3:GetObject", condition={"IpAddress": {"aws:SourceIp": "192.0.78.0/24"}})
            ],
            "ownership": "BucketOwnerEnforced",
        },
        "silent-or-latent",
    ),
    "organization-only": (
        {
            "policy": [
                allow(
                    "s3:GetObject",
                    condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
                )
            ],
            "ownership": "BucketOwnerEnforced",
        },
        "silent-or-latent",
    ),
    "denied-to-all": (
        {
            "policy": [READ, allow("s3:*", effect="Deny")],
            "ownership": "BucketOwnerEnforced",
        },
        "silent-or-latent",
    ),
    # Shared with one account: another category than the default one.
    "partner": (
        {
            "policy": [allow("s3:GetObject", {"AWS": "arn:aws:iam::999988887777:root"})],
            "ownership": "BucketOwnerEnforced",
        },
        None,
    ),
}


def tcp(port, *cidrs, to=None):
    """An ingress rule for one port (or `port` to `to`)."""
    return {
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": to or port,
        "IpRanges": [{"CidrIp": cidr} for cidr in cidrs or [WORLD]],
    }


EVERYTHING = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": WORLD}]}

# kind -> (ingress rules, subnet, public address, rule, status).
# Subnets: `public` routes to the internet gateway, `private` does not, `hole` is public but its
# network ACL drops SSH.
INSTANCES = {
    "ssh": ([tcp(22)], "public", True, "ec2-port-public-admin", "exposed"),
    "mongodb": ([tcp(27017)], "public", True, "ec2-port-public-database", "exposed"),
    "ftp": ([tcp(21)], "public", True, "ec2-port-public-cleartext", "exposed"),
    "web": ([tcp(443)], "public", True, "ec2-port-public-other", "exposed"),
    "odd-port": ([tcp(31337)], "public", True, "ec2-port-public-other", "exposed"),
    "everything": ([EVERYTHING], "public", True, "ec2-port-public-all", "exposed"),
    "two-halves": (
        [tcp(22, "0.0.0.0/1", "128.0.0.0/1")],
        "public",
        True,
        "ec2-port-public-admin",
        "exposed",
    ),
    # The hole in the network ACL is about SSH alone.
    "beside-the-hole": ([tcp(5432)], "hole", True, "ec2-port-public-database", "exposed"),
    "in-the-hole": ([tcp(22)], "hole", True, "ec2-port-public-admin", "latent"),
    "no-address": ([tcp(22)], "public", False, "ec2-port-public-admin", "latent"),
    "no-route": ([tcp(3306)], "private", True, "ec2-port-public-database", "latent"),
    "stopped": ([tcp(3389)], "public", True, "ec2-port-public-admin", "latent"),
    # Near misses that must stay silent.
    "office": ([tcp(22, "192.0.78.10/32")], "public", True, None, None),
    "inside": ([tcp(5432, "10.0.0.0/8")], "public", True, None, None),
    "closed": ([], "public", True, None, None),
}

# kind -> (ingress rules, publicly accessible, subnets, status of `rds-instance-public`).
DATABASES = {
    "open": ([tcp(5432)], True, "public", "exposed"),
    "unrouted": ([tcp(5432)], True, "private", "latent"),
    "flag-off": ([tcp(5432)], False, "public", "latent"),
    "private": ([tcp(5432, "10.0.0.0/8")], False, "private", None),
}


PARTNER = {"AWS": "arn:aws:iam::999988887777:root"}
GITHUB = "arn:aws:iam::ACCOUNT:oidc-provider/token.actions.githubusercontent.com"

# kind -> (service, ingress rules, settings, rule, status). All sit in the subnet `public`.
SERVICES = {
    "cluster": ("rds", [tcp(3306)], {"public": True}, "rds-cluster-public", "exposed"),
    "cluster-off": ("rds", [tcp(3306)], {"public": False}, "rds-cluster-public", "latent"),
    "dump": ("rds_snapshot", None, {"shared": ["all"]}, "rds-snapshot-public", "exposed"),
    "dump-named": ("rds_snapshot", None, {"shared": ["999988887777"]}, None, None),
    "dump-plain": ("rds_snapshot", None, {}, None, None),
    "dump-encrypted": ("rds_snapshot", None, {"encrypted": True}, None, None),
    "cluster-dump": (
        "rds_cluster_snapshot",
        None,
        {"shared": ["999988887777", "all"]},
        "rds-cluster-snapshot-public",
        "exposed",
    ),
    "cluster-dump-plain": ("rds_cluster_snapshot", None, {}, None, None),
    "graph": ("appsync", None, {"by": "API_KEY"}, "appsync-api-public", "exposed"),
    "graph-signed": ("appsync", None, {"by": "AWS_IAM"}, None, None),
    "keyed-events": (
        "appsync_events",
        None,
        {"modes": ["API_KEY"]},
        "appsync-api-public",
        "exposed",
    ),
    "signed-events": ("appsync_events", None, {"modes": ["AWS_IAM"]}, None, None),
    "search": ("opensearch", None, {"principal": "*"}, "opensearch-domain-public", "exposed"),
    "search-inside": (
        "opensearch",
        None,
        {"principal": "*", "inside": True},
        "opensearch-domain-public",
        "latent",
    ),
    "search-own": ("opensearch", None, {"principal": "arn:aws:iam::ACCOUNT:root"}, None, None),
    # The emulator knows neither the visibility of a project nor webhooks.
    "builds": ("codebuild", None, {}, None, None),
    "script": ("ssm", None, {"shared": ["all"]}, "ssm-document-public", "exposed"),
    "script-named": ("ssm", None, {"shared": ["999988887777"]}, None, None),
    "script-plain": ("ssm", None, {}, None, None),
    "warehouse": ("redshift", [tcp(5439)], {"public": True}, "redshift-cluster-public", "exposed"),
    "warehouse-off": ("redshift", [tcp(5439)], {"public": False}, "redshift-cluster-public", "latent"),
    "warehouse-inside": ("redshift", [tcp(5439, "10.0.0.0/8")], {"public": True}, None, None),
    # The emulator puts replication instances into a VPC that is not there.
    "migration-off": (
        "dms",
        [tcp(3306)],
        {"public": False},
        "dms-replication-instance-public",
        "latent",
    ),
    "events": ("kafka", [tcp(9194, to=9198)], {"public": True}, "msk-cluster-public", "exposed"),
    "events-off": ("kafka", [tcp(9198)], {"public": False}, "msk-cluster-public", "latent"),
    "orders": ("mq", [tcp(61617)], {"public": True, "engine": "ACTIVEMQ"}, "mq-broker-public", "exposed"),
    "orders-inside": ("mq", [], {"public": True, "engine": "ACTIVEMQ"}, None, None),
    # A public RabbitMQ broker has no security group.
    "rabbit": ("mq", None, {"public": True, "engine": "RABBITMQ"}, "mq-broker-public", "exposed"),
    "assumed-by-anyone": (
        "iam_role",
        None,
        {"trust": [("Allow", {"AWS": "*"}, "sts:AssumeRole")]},
        "iam-role-public",
        "exposed",
    ),
    "assumed-by-anyone-denied": (
        "iam_role",
        None,
        {
            "trust": [
                ("Allow", {"AWS": "*"}, "sts:AssumeRole"),
                ("Deny", {"AWS": "*"}, "sts:AssumeRole"),
            ]
        },
        "iam-role-public",
        "latent",
    ),
    "assumed-by-the-account": (
        "iam_role",
        None,
        {"trust": [("Allow", {"AWS": "arn:aws:iam::ACCOUNT:root"}, "sts:AssumeRole")]},
        None,
        None,
    ),
    # Shared with one account: another category than the default one.
    "assumed-by-a-partner": (
        "iam_role",
        None,
        {"trust": [("Allow", {"AWS": "arn:aws:iam::999988887777:root"}, "sts:AssumeRole")]},
        None,
        None,
    ),
    "assumed-from-github": (
        "iam_role",
        None,
        {"trust": [("Allow", {"Federated": GITHUB}, "sts:AssumeRoleWithWebIdentity")]},
        "iam-role-federated-open",
        "exposed",
    ),
    "assumed-from-github-denied": (
        "iam_role",
        None,
        {
            "trust": [
                ("Allow", {"Federated": GITHUB}, "sts:AssumeRoleWithWebIdentity"),
                ("Deny", {"Federated": GITHUB}, "sts:AssumeRoleWithWebIdentity"),
            ]
        },
        "iam-role-federated-open",
        "latent",
    ),
    "shop": (
        "machine",
        [tcp(443)],
        {"attached": {"Action": "*", "Resource": "*"}},
        "exposed-workload-privileged-role",
        "exposed",
    ),
    "shop-reads": (
        "machine",
        [tcp(443)],
        {"inline": {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop/*"}},
        "exposed-workload-privileged-role",
        "exposed",
    ),
    "shop-plain": (
        "machine",
        [tcp(443)],
        {"inline": {"Action": "logs:PutLogEvents", "Resource": "*"}},
        None,
        None,
    ),
    "cart": (
        "task",
        [tcp(443)],
        {"rights": {"Action": "iam:PutRolePolicy", "Resource": "*"}},
        "exposed-workload-privileged-role",
        "exposed",
    ),
    # What ECS starts it with is not what its containers have.
    "cart-plain": (
        "task",
        [tcp(443)],
        {
            "rights": {"Action": "logs:PutLogEvents", "Resource": "*"},
            "starting": {"Action": "*", "Resource": "*"},
        },
        None,
        None,
    ),
    "cart-inside": (
        "task",
        [tcp(443, "10.0.0.0/8")],
        {"rights": {"Action": "*", "Resource": "*"}},
        None,
        None,
    ),
    # The tests' own server says that `guest` is the role of guests, which the emulator does not keep: a
    # pool that its trust policy does not name gives nothing.
    "shop": ("identity_pool", None, {"guests": True, "role": "guest"}, "cognito-identity-pool-guest", "exposed"),
    "shop-old": ("identity_pool", None, {"guests": True}, "cognito-identity-pool-guest", "latent"),
    "shop-staff": ("identity_pool", None, {"guests": False}, None, None),
    "customers": ("user_pool", None, {"administrators": False}, "cognito-user-pool-self-signup", "exposed"),
    "partners": (
        "user_pool",
        None,
        {"administrators": False, "asked": "check-signup"},
        "cognito-user-pool-self-signup",
        "undetermined",
    ),
    "staff": ("user_pool", None, {"administrators": True}, None, None),
    "jobs": ("sqs", None, {"policy": [("Allow", "*")]}, "sqs-queue-public", "exposed"),
    "jobs-denied": (
        "sqs",
        None,
        {"policy": [("Allow", "*"), ("Deny", "*")]},
        "sqs-queue-public",
        "latent",
    ),
    "jobs-named": (
        "sqs",
        None,
        {"policy": [("Allow", PARTNER)]},
        None,
        None,
    ),
    "jobs-plain": ("sqs", None, {}, None, None),
    "password": (
        "secretsmanager",
        None,
        {"policy": [("Allow", "*")]},
        "secretsmanager-secret-public",
        "exposed",
    ),
    "password-denied": (
        "secretsmanager",
        None,
        {"policy": [("Allow", "*"), ("Deny", "*")]},
        "secretsmanager-secret-public",
        "latent",
    ),
    "password-named": ("secretsmanager", None, {"policy": [("Allow", PARTNER)]}, None, None),
    "password-plain": ("secretsmanager", None, {}, None, None),
    "news": ("sns", None, {"policy": [("Allow", "*")]}, "sns-topic-public", "exposed"),
    "news-denied": (
        "sns",
        None,
        {"policy": [("Allow", "*"), ("Deny", "*")]},
        "sns-topic-public",
        "latent",
    ),
    "news-named": ("sns", None, {"policy": [("Allow", PARTNER)]}, None, None),
    # As AWS makes it: everyone, bounded to the owner.
    "news-plain": ("sns", None, {}, None, None),
    "images": ("ecr", None, {"policy": [("Allow", "*")]}, "ecr-repository-public", "exposed"),
    "images-denied": (
        "ecr",
        None,
        {"policy": [("Allow", "*"), ("Deny", "*")]},
        "ecr-repository-public",
        "latent",
    ),
    "images-named": ("ecr", None, {"policy": [("Allow", PARTNER)]}, None, None),
    "images-plain": ("ecr", None, {}, None, None),
    "images-of-a-partner": ("ecr_registry", None, {}, None, None),
    "key": ("kms", None, {"policy": [("Allow", "*")]}, "kms-key-public", "exposed"),
    "key-disabled": (
        "kms",
        None,
        {"policy": [("Allow", "*")], "enabled": False},
        "kms-key-public",
        "latent",
    ),
    "key-denied": (
        "kms",
        None,
        {"policy": [("Allow", "*"), ("Deny", "*")]},
        "kms-key-public",
        "latent",
    ),
    "key-named": ("kms", None, {"policy": [("Allow", PARTNER)]}, None, None),
    "key-plain": ("kms", None, {}, None, None),
    "resize": ("lambda", None, {"allow": [("lambda:InvokeFunction", "*")]}, "lambda-function-public", "exposed"),
    # The tests' own server says that it has a URL without authentication, which the emulator lacks.
    "page": (
        "lambda",
        None,
        {
            "allow": [("lambda:InvokeFunction", "*"), ("lambda:InvokeFunctionUrl", "*")],
            "url": "exposed",
            "rights": {"Action": "secretsmanager:GetSecretValue", "Resource": "*"},
        },
        "lambda-function-public",
        "exposed",
    ),
    "resize-named": (
        "lambda",
        None,
        {"allow": [("lambda:InvokeFunction", "arn:aws:iam::999988887777:root")]},
        None,
        None,
    ),
    "resize-topic": (
        "lambda",
        None,
        {"allow": [("lambda:InvokeFunction", "sns.amazonaws.com")]},
        None,
        None,
    ),
    "resize-plain": ("lambda", None, {}, None, None),
    "image": ("ami", None, {"group": "all"}, "ami-public", "exposed"),
    "image-named": ("ami", None, {"user": "999988887777"}, None, None),
    "image-plain": ("ami", None, {}, None, None),
    "disk": ("ebs", None, {"GroupNames": ["all"]}, "ebs-snapshot-public", "exposed"),
    "disk-named": ("ebs", None, {"UserIds": ["999988887777"]}, None, None),
    "disk-plain": ("ebs", None, {}, None, None),
    "kubernetes": (
        "eks",
        None,
        {"endpointPublicAccess": True, "publicAccessCidrs": ["0.0.0.0/1", "128.0.0.0/1"]},
        "eks-endpoint-public",
        "exposed",
    ),
    # As AWS makes it when nobody says anything.
    "kubernetes-plain": ("eks", None, {}, "eks-endpoint-public", "exposed"),
    "kubernetes-office": (
        "eks",
        None,
        {"endpointPublicAccess": True, "publicAccessCidrs": ["192.0.78.0/24"]},
        "eks-endpoint-public",
        "latent",
    ),
    "kubernetes-inside": (
        "eks",
        None,
        {"endpointPublicAccess": False, "endpointPrivateAccess": True},
        None,
        None,
    ),
    "sessions": ("memorydb", [tcp(6379)], {}, "memorydb-cluster-security-group-open", "latent"),
    "sessions-inside": ("memorydb", [tcp(6379, "10.0.0.0/8")], {}, None, None),
}


class World:
    """One account: makes things in it and remembers the truth."""

    def __init__(self, endpoint, account):
        self.endpoint = endpoint
        self.account = account
        sts = boto3.client(
            "sts",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="filler",
            aws_secret_access_key="filler",
        )
        # The emulator takes the account from the role, so every scenario has one for itself.
        keys = sts.assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/filler", RoleSessionName="filler"
        )["Credentials"]
        self.credentials = {
            "key": keys["AccessKeyId"],
            "secret": keys["SecretAccessKey"],
            "token": keys["SessionToken"],
        }
        self.session = boto3.Session(
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )
        self.clients = {}
        self.roles = {}
        self.truth = []
        self.regions_of_buckets = {}

    def client(self, service, region):
        """The one client of a service in a region."""
        if (service, region) not in self.clients:
            config = Config(
                retries={"max_attempts": 1},
                s3={"addressing_style": "path"},
                max_pool_connections=16,
            )
            made = self.session.client(
                service, region_name=region, endpoint_url=self.endpoint, config=config
            )
            # S3 Control puts the account before the host, which does not resolve on loopback.
            made.meta.events.register("before-sign.s3-control", self.without_account_host)
            self.clients[service, region] = made
        return self.clients[service, region]

    def without_account_host(self, request, **_):
        """Asks the endpoint itself; the account also travels in a header."""
        request.url = request.url.replace(f"://{self.account}.", "://")

    def expect(self, rule, resource, region, status):
        """Writes a line of the truth."""
        if rule and status:
            self.truth.append(
                {
                    "rule": rule,
                    "id": resource,
                    "account": self.account,
                    "region": region,
                    "status": status,
                }
            )

    def account_block(self, settings):
        """Sets the account's own public access block."""
        self.client("s3control", "us-east-1").put_public_access_block(
            AccountId=self.account, PublicAccessBlockConfiguration=settings
        )

    def bucket(self, kind, name, region="us-east-1", status=...):
        """Makes a bucket; `status` replaces the kind's own where the account changes it."""
        settings, truth = BUCKETS[kind]
        s3 = self.client("s3", region)
        made = {"Bucket": name}
        if region != "us-east-1":
            made["CreateBucketConfiguration"] = {"LocationConstraint": region}
        if "ownership" in settings:
            made["ObjectOwnership"] = settings["ownership"]
        if "acl" in settings:
            made["ACL"] = settings["acl"]
        s3.create_bucket(**made)
        self.regions_of_buckets[name] = region
        if "grants" in settings:
            # The emulator keeps only the first grant of `public-read-write`.
            owner = s3.get_bucket_acl(Bucket=name)["Owner"]
            everyone = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
            grants = [{"Grantee": everyone, "Permission": one} for one in settings["grants"]]
            s3.put_bucket_acl(
                Bucket=name, AccessControlPolicy={"Owner": owner, "Grants": grants}
            )
        if "policy" in settings:
            document = {"Version": "2012-10-17", "Statement": settings["policy"]}
            s3.put_bucket_policy(
                Bucket=name, Policy=json.dumps(document).replace("BUCKET", name)
            )
        if settings.get("website"):
            s3.put_bucket_website(
                Bucket=name, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}}
            )
        if "block" in settings:
            s3.put_public_access_block(
                Bucket=name, PublicAccessBlockConfiguration=settings["block"]
            )
        self.expect("s3-bucket-public", name, region, truth if status is ... else status)

    def buckets(self, wanted):
        """Makes many buckets: (kind, name, region)."""
        for _, _, region in wanted:
            self.client("s3", region)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda one: self.bucket(*one), wanted))

    def network(self, region, gateway=True):
        """A VPC with an internet gateway and the three subnets; answers what instances need."""
        ec2 = self.client("ec2", region)
        vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        if gateway:
            gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
            ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
            ec2.create_route(RouteTableId=table, DestinationCidrBlock=WORLD, GatewayId=gateway)
        subnets = {}
        for number, name in enumerate(["public", "private", "hole", "spare"]):
            subnets[name] = ec2.create_subnet(
                VpcId=vpc,
                CidrBlock=f"10.20.{number}.0/24",
                AvailabilityZone=f"{region}{'ab'[number % 2]}",
            )["Subnet"]["SubnetId"]
            if name != "private":
                ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[name])
        self.close_ssh(ec2, vpc, subnets["hole"])
        return {"region": region, "vpc": vpc, "gateway": gateway, "subnets": subnets}

    def close_ssh(self, ec2, vpc, subnet):
        """Puts a network ACL before a subnet that lets everything but SSH through."""
        acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
        entry = {"NetworkAclId": acl, "CidrBlock": WORLD}
        ec2.create_network_acl_entry(
            **entry, RuleNumber=90, Protocol="6", RuleAction="deny", Egress=False,
            PortRange={"From": 22, "To": 22},
        )
        for egress in (False, True):
            ec2.create_network_acl_entry(
                **entry, RuleNumber=100, Protocol="-1", RuleAction="allow", Egress=egress
            )
        in_use = ec2.describe_network_acls(
            Filters=[{"Name": "association.subnet-id", "Values": [subnet]}]
        )["NetworkAcls"][0]["Associations"]
        association = next(a for a in in_use if a["SubnetId"] == subnet)
        ec2.replace_network_acl_association(
            AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl
        )

    def group(self, network, name, rules):
        """A security group."""
        ec2 = self.client("ec2", network["region"])
        group = ec2.create_security_group(
            GroupName=name, Description=name, VpcId=network["vpc"]
        )["GroupId"]
        if rules:
            ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rules)
        return group

    def instances(self, network, kind, count=1):
        """Makes instances of one kind, all behind one security group."""
        rules, subnet, address, rule, status = INSTANCES[kind]
        ec2 = self.client("ec2", network["region"])
        group = self.group(network, f"for {kind}", rules)
        made = ec2.run_instances(
            ImageId="ami-12c6146b",
            InstanceType="t3.micro",
            MinCount=count,
            MaxCount=count,
            NetworkInterfaces=[
                {
                    "DeviceIndex": 0,
                    "SubnetId": network["subnets"][subnet],
                    "Groups": [group],
                    "AssociatePublicIpAddress": address,
                }
            ],
        )["Instances"]
        ids = [instance["InstanceId"] for instance in made]
        if kind == "stopped":
            ec2.stop_instances(InstanceIds=ids)
        for instance in ids:
            self.expect(rule, instance, network["region"], status)
        return ids

    def idle_group(self, network):
        """A security group open to the world that nothing uses."""
        group = self.group(network, "left behind", [tcp(6379)])
        self.expect("ec2-security-group-open", group, network["region"], "latent")
        return group

    def database(self, network, kind, name):
        """Makes a database instance."""
        rules, public, subnet, status = DATABASES[kind]
        rds = self.client("rds", network["region"])
        group = self.group(network, f"for database {name}", rules)
        # It sits in the zone of the one, and `spare` is the other zone that AWS asks for.
        pair, zone = {"public": (["public", "spare"], "a"), "private": (["private"], "b")}[subnet]
        rds.create_db_subnet_group(
            DBSubnetGroupName=f"{name}-subnets",
            DBSubnetGroupDescription=subnet,
            SubnetIds=[network["subnets"][one] for one in pair],
        )
        rds.create_db_instance(
            DBInstanceIdentifier=name,
            DBInstanceClass="db.t3.micro",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="outcrop",
            MasterUserPassword="not-a-secret",
            Port=5432,
            AvailabilityZone=f"{network['region']}{zone}",
            PubliclyAccessible=public,
            VpcSecurityGroupIds=[group],
            DBSubnetGroupName=f"{name}-subnets",
        )
        self.expect("rds-instance-public", name, network["region"], status)

    def service(self, network, kind):
        """Makes one thing of a managed service, named as its kind."""
        service, rules, settings, rule, status = SERVICES[kind]
        groups = [] if rules is None else [self.group(network, f"for {kind}", rules)]
        made = getattr(self, f"make_{service}")(network, kind, groups, **settings)
        region = "aws-global" if service == "iam_role" else network["region"]
        self.expect(rule, made or kind, region, status)

    def zone(self, network):
        """The zone of the subnet `public`."""
        return f"{network['region']}a"

    def make_rds_snapshot(self, network, name, groups, shared=(), encrypted=False):
        """A snapshot of an instance that is there no more."""
        rds = self.client("rds", network["region"])
        rds.create_db_instance(
            DBInstanceIdentifier=f"{name}-source",
            DBInstanceClass="db.t3.micro",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="outcrop",
            MasterUserPassword="not-a-secret",
            StorageEncrypted=encrypted,
            PubliclyAccessible=False,
        )
        rds.create_db_snapshot(
            DBSnapshotIdentifier=name, DBInstanceIdentifier=f"{name}-source"
        )
        if shared:
            rds.modify_db_snapshot_attribute(
                DBSnapshotIdentifier=name, AttributeName="restore", ValuesToAdd=list(shared)
            )
        rds.delete_db_instance(DBInstanceIdentifier=f"{name}-source", SkipFinalSnapshot=True)

    def make_appsync(self, network, name, groups, by):
        """A GraphQL API. The emulator knows no private ones."""
        appsync = self.client("appsync", network["region"])
        return appsync.create_graphql_api(name=name, authenticationType=by)["graphqlApi"]["apiId"]

    def make_appsync_events(self, network, name, groups, modes):
        """An event API with one namespace."""
        appsync = self.client("appsync", network["region"])
        modes = [{"authType": mode} for mode in modes]
        config = {
            "authProviders": modes,
            "connectionAuthModes": modes,
            "defaultPublishAuthModes": modes,
            "defaultSubscribeAuthModes": modes,
        }
        made = appsync.create_api(name=name, eventConfig=config)["api"]["apiId"]
        appsync.create_channel_namespace(apiId=made, name="default")
        return made

    def make_opensearch(self, network, name, groups, principal, inside=False):
        """A search domain without fine-grained access control."""
        domain = f"arn:aws:es:{network['region']}:{self.account}:domain/{name}"
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": principal.replace("ACCOUNT", self.account)},
            "Action": "es:*",
            "Resource": f"{domain}/*",
        }
        place = {"VPCOptions": {"SubnetIds": [network["subnets"]["private"]]}} if inside else {}
        self.client("opensearch", network["region"]).create_domain(
            DomainName=name,
            EngineVersion="OpenSearch_2.5",
            AccessPolicies=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
            **place,
        )

    def make_codebuild(self, network, name, groups):
        """A project that nothing starts from outside."""
        self.client("codebuild", network["region"]).create_project(
            name=name,
            source={"type": "GITHUB", "location": "https://github.com/acme/messages.git"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={
                "type": "LINUX_CONTAINER",
                "image": "aws/codebuild/standard:7.0",
                "computeType": "BUILD_GENERAL1_SMALL",
            },
            serviceRole=f"arn:aws:iam::{self.account}:role/service-role/builds",
        )

    def make_ssm(self, network, name, groups, shared=()):
        """A script for machines."""
        ssm = self.client("ssm", network["region"])
        steps = [{"action": "aws:runShellScript", "name": "run", "inputs": {"runCommand": ["true"]}}]
        content = {"schemaVersion": "2.2", "description": name, "mainSteps": steps}
        ssm.create_document(Content=json.dumps(content), Name=name, DocumentType="Command")
        if shared:
            ssm.modify_document_permission(
                Name=name, PermissionType="Share", AccountIdsToAdd=list(shared)
            )

    def make_rds_cluster_snapshot(self, network, name, groups, shared=()):
        """A snapshot of an Aurora cluster that is there no more."""
        rds = self.client("rds", network["region"])
        rds.create_db_cluster(
            DBClusterIdentifier=f"{name}-source",
            Engine="aurora-mysql",
            MasterUsername="outcrop",
            MasterUserPassword="not-a-secret",
        )
        rds.create_db_cluster_snapshot(
            DBClusterSnapshotIdentifier=name, DBClusterIdentifier=f"{name}-source"
        )
        if shared:
            rds.modify_db_cluster_snapshot_attribute(
                DBClusterSnapshotIdentifier=name, AttributeName="restore", ValuesToAdd=list(shared)
            )
        rds.delete_db_cluster(DBClusterIdentifier=f"{name}-source", SkipFinalSnapshot=True)

    def make_rds(self, network, name, groups, public):
        """A Multi-AZ cluster with one of its instances."""
        rds = self.client("rds", network["region"])
        pair = [network["subnets"][one] for one in ("public", "spare")]
        rds.create_db_subnet_group(
            DBSubnetGroupName=f"{name}-subnets", DBSubnetGroupDescription=name, SubnetIds=pair
        )
        rds.create_db_cluster(
            DBClusterIdentifier=name,
            Engine="mysql",
            DBClusterInstanceClass="db.m5d.large",
            MasterUsername="outcrop",
            MasterUserPassword="not-a-secret",
            StorageType="io1",
            Iops=1000,
            AllocatedStorage=100,
            Port=3306,
            PubliclyAccessible=public,
            VpcSecurityGroupIds=groups,
            DBSubnetGroupName=f"{name}-subnets",
        )
        rds.create_db_instance(
            DBInstanceIdentifier=f"{name}-instance-1",
            DBClusterIdentifier=name,
            DBInstanceClass="db.m5d.large",
            Engine="mysql",
            AvailabilityZone=self.zone(network),
            PubliclyAccessible=public,
            DBSubnetGroupName=f"{name}-subnets",
        )

    def make_redshift(self, network, name, groups, public):
        """A warehouse."""
        redshift = self.client("redshift", network["region"])
        redshift.create_cluster_subnet_group(
            ClusterSubnetGroupName=f"{name}-subnets",
            Description=name,
            SubnetIds=[network["subnets"][one] for one in ("public", "private")],
        )
        redshift.create_cluster(
            ClusterIdentifier=name,
            NodeType="ra3.large",
            MasterUsername="outcrop",
            MasterUserPassword="Not-a-secret-1",
            ClusterSubnetGroupName=f"{name}-subnets",
            VpcSecurityGroupIds=groups,
            PubliclyAccessible=public,
            AvailabilityZone=self.zone(network),
        )

    def make_dms(self, network, name, groups, public):
        """A replication instance."""
        self.client("dms", network["region"]).create_replication_instance(
            ReplicationInstanceIdentifier=name,
            ReplicationInstanceClass="dms.t3.micro",
            VpcSecurityGroupIds=groups,
            PubliclyAccessible=public,
            AvailabilityZone=self.zone(network),
        )

    def make_kafka(self, network, name, groups, public):
        """A Kafka cluster."""
        access = "SERVICE_PROVIDED_EIPS" if public else "DISABLED"
        self.client("kafka", network["region"]).create_cluster_v2(
            ClusterName=name,
            Provisioned={
                "BrokerNodeGroupInfo": {
                    "ClientSubnets": [network["subnets"]["public"]],
                    "SecurityGroups": groups,
                    "InstanceType": "kafka.m5.large",
                    "ConnectivityInfo": {"PublicAccess": {"Type": access}},
                },
                "KafkaVersion": "3.6.0",
                "NumberOfBrokerNodes": 1,
            },
        )

    def make_mq(self, network, name, groups, public, engine):
        """A broker; answers its id."""
        where = {"SubnetIds": [network["subnets"]["public"]], "SecurityGroups": groups}
        return self.client("mq", network["region"]).create_broker(
            BrokerName=name,
            EngineType=engine,
            EngineVersion="5.18" if engine == "ACTIVEMQ" else "3.13",
            HostInstanceType="mq.t3.micro",
            DeploymentMode="SINGLE_INSTANCE",
            PubliclyAccessible=public,
            AutoMinorVersionUpgrade=True,
            Users=[{"Username": "outcrop", "Password": "not-a-secret-1"}],
            **(where if groups else {}),
        )["BrokerId"]

    def role(self, name, service, rights=None):
        """A role of a service, made once; `rights` are the rest of one Allow statement."""
        if name not in self.roles:
            trust = [("Allow", {"Service": service}, "sts:AssumeRole")]
            self.make_iam_role(None, name, [], trust)
            if rights:
                statements = [{"Effect": "Allow", **rights}]
                document = json.dumps({"Version": "2012-10-17", "Statement": statements})
                self.client("iam", "us-east-1").put_role_policy(
                    RoleName=name, PolicyName="inline", PolicyDocument=document
                )
            self.roles[name] = f"arn:aws:iam::{self.account}:role/{name}"
        return self.roles[name]

    def make_lambda(self, network, name, groups, allow=(), url=None, rights=None):
        """A function; `allow` holds an action and a principal for each statement of its policy."""
        role = self.role(name if rights else "runs-functions", "lambda.amazonaws.com", rights)
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("page.py", "def handle(event, context): pass")
        functions = self.client("lambda", network["region"])
        functions.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=role,
            Handler="page.handle",
            Code={"ZipFile": code.getvalue()},
        )
        for number, (action, principal) in enumerate(allow):
            functions.add_permission(
                FunctionName=name, StatementId=f"s{number}", Action=action, Principal=principal
            )
        if url:
            self.expect("lambda-url-public", name, network["region"], url)
        if rights:
            region = network["region"]
            self.expect("exposed-workload-privileged-role", name, region, "exposed")

    def make_task(self, network, name, groups, rights, starting=None):
        """A task of a service of ECS, with a public address; answers the service's id."""
        ecs, ec2 = (self.client(one, network["region"]) for one in ("ecs", "ec2"))
        ecs.create_cluster(clusterName="containers")
        # The emulator runs no task where its interface would have no name.
        ec2.modify_vpc_attribute(VpcId=network["vpc"], EnableDnsHostnames={"Value": True})
        service = "ecs-tasks.amazonaws.com"
        definition = ecs.register_task_definition(
            family=name,
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            taskRoleArn=self.role(name, service, rights),
            executionRoleArn=self.role(f"{name}-starts", service, starting),
            containerDefinitions=[{"name": name, "image": "page", "cpu": 256, "memory": 512}],
        )["taskDefinition"]["taskDefinitionArn"]
        subnet = network["subnets"]["public"]
        task = ecs.run_task(
            cluster="containers",
            taskDefinition=definition,
            launchType="FARGATE",
            group=f"service:{name}",
            startedBy="ecs-svc/1",
            networkConfiguration={
                "awsvpcConfiguration": {"subnets": [subnet], "securityGroups": groups}
            },
        )["tasks"][0]
        attachment = task["attachments"][0]
        details = {one["name"]: one["value"] for one in attachment["details"]}
        interface = details["networkInterfaceId"]
        # The emulator gives the interface neither a public address nor AWS's description.
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        ec2.associate_address(AllocationId=address, NetworkInterfaceId=interface)
        arn = f"arn:aws:ecs:{network['region']}:{self.account}:attachment/{attachment['id']}"
        ec2.modify_network_interface_attribute(
            NetworkInterfaceId=interface, Description={"Value": arn}
        )
        if name != "cart-inside":
            self.expect("ec2-interface-port-public", interface, network["region"], "exposed")
        return f"containers/{name}"

    def make_iam_role(self, network, name, groups, trust):
        """A role; `trust` holds effect, principal and action of each statement."""
        statements = [
            {"Effect": effect, "Principal": principal, "Action": action}
            for effect, principal, action in trust
        ]
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.client("iam", "us-east-1").create_role(
            RoleName=name, AssumeRolePolicyDocument=document.replace("ACCOUNT", self.account)
        )

    def make_machine(self, network, name, groups, attached=None, inline=None):
        """An instance with a role, open on the web port; answers its id."""
        iam = self.client("iam", "us-east-1")
        service = {"Service": "ec2.amazonaws.com"}
        self.make_iam_role(network, name, [], [("Allow", service, "sts:AssumeRole")])
        document = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", **(attached or inline)}],
        }
        document = json.dumps(document)
        if attached:
            # The emulator has none of AWS's own policies.
            made = iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]
            iam.attach_role_policy(RoleName=name, PolicyArn=made)
        else:
            iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=document)
        iam.create_instance_profile(InstanceProfileName=name)
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
        made = self.client("ec2", network["region"]).run_instances(
            ImageId="ami-12c6146b",
            InstanceType="t3.micro",
            MinCount=1,
            MaxCount=1,
            IamInstanceProfile={"Name": name},
            NetworkInterfaces=[
                {
                    "DeviceIndex": 0,
                    "SubnetId": network["subnets"]["public"],
                    "Groups": groups,
                    "AssociatePublicIpAddress": True,
                }
            ],
        )["Instances"][0]["InstanceId"]
        self.expect("ec2-port-public-other", made, network["region"], "exposed")
        return made

    def make_identity_pool(self, network, name, groups, guests, role=None):
        """An identity pool, and the role of its guests, who read a table; answers its id."""
        pools = self.client("cognito-identity", network["region"])
        pool = pools.create_identity_pool(
            IdentityPoolName=name, AllowUnauthenticatedIdentities=guests
        )["IdentityPoolId"]
        if role:
            claim = "cognito-identity.amazonaws.com"
            trust = {
                "Effect": "Allow",
                "Principal": {"Federated": claim},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {f"{claim}:aud": pool},
                    "ForAnyValue:StringLike": {f"{claim}:amr": "unauthenticated"},
                },
            }
            reads = {"Effect": "Allow", "Action": "dynamodb:Query", "Resource": "*"}
            def document(one):
                return json.dumps({"Version": "2012-10-17", "Statement": [one]})

            iam = self.client("iam", "us-east-1")
            iam.create_role(RoleName=role, AssumeRolePolicyDocument=document(trust))
            iam.put_role_policy(
                RoleName=role, PolicyName="reads", PolicyDocument=document(reads)
            )
            self.expect("iam-role-federated-open", role, "aws-global", "undetermined")
        return pool

    def make_user_pool(self, network, name, groups, administrators, asked=None):
        """A user pool; answers its id."""
        pools = self.client("cognito-idp", network["region"])
        function = f"arn:aws:lambda:{network['region']}:{self.account}:function:{asked}"
        return pools.create_user_pool(
            PoolName=name,
            AdminCreateUserConfig={"AllowAdminCreateUserOnly": administrators},
            LambdaConfig={"PreSignUp": function} if asked else {},
        )["UserPool"]["Id"]

    def make_sqs(self, network, name, groups, policy=()):
        """A queue."""
        sqs = self.client("sqs", network["region"])
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = f"arn:aws:sqs:{network['region']}:{self.account}:{name}"
        if policy:
            document = self.document("sqs:*", arn, policy)
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})

    @staticmethod
    def document(action, resource, policy):
        """A policy; `policy` holds an effect and a principal for each statement."""
        statements = [
            {"Effect": effect, "Principal": principal, "Action": action, "Resource": resource}
            for effect, principal in policy
        ]
        return json.dumps({"Version": "2012-10-17", "Statement": statements})

    def make_secretsmanager(self, network, name, groups, policy=()):
        """A secret."""
        secrets = self.client("secretsmanager", network["region"])
        arn = secrets.create_secret(Name=name, SecretString="not-a-secret")["ARN"]
        if policy:
            document = self.document("secretsmanager:GetSecretValue", "*", policy)
            secrets.put_resource_policy(SecretId=arn, ResourcePolicy=document)

    def make_sns(self, network, name, groups, policy=()):
        """A topic."""
        sns = self.client("sns", network["region"])
        arn = sns.create_topic(Name=name)["TopicArn"]
        if policy:
            document = self.document(["sns:Subscribe", "sns:Publish"], arn, policy)
            sns.set_topic_attributes(
                TopicArn=arn, AttributeName="Policy", AttributeValue=document
            )

    def make_ecr(self, network, name, groups, policy=()):
        """A repository of images."""
        ecr = self.client("ecr", network["region"])
        ecr.create_repository(repositoryName=name)
        if policy:
            document = self.document("ecr:BatchGetImage", "*", policy)
            ecr.set_repository_policy(repositoryName=name, policyText=document)

    def make_ecr_registry(self, network, name, groups):
        """The policy over all repositories: one account may replicate into it."""
        ecr = self.client("ecr", network["region"])
        every = f"arn:aws:ecr:{network['region']}:{self.account}:repository/*"
        document = self.document("ecr:ReplicateImage", every, [("Allow", PARTNER)])
        ecr.put_registry_policy(policyText=document)

    def make_kms(self, network, name, groups, policy=(), enabled=True):
        """A key; answers its id."""
        kms = self.client("kms", network["region"])
        key = kms.create_key(Description=name)["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key)
        if policy:
            document = self.document(["kms:Decrypt", "kms:DescribeKey"], "*", policy)
            kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document)
        if not enabled:
            kms.disable_key(KeyId=key)
        return key

    def make_ami(self, network, name, groups, group=None, user=None):
        """An image; answers its id. It is shared with a group or with an account."""
        ec2 = self.client("ec2", network["region"])
        image = ec2.register_image(Name=name, Architecture="x86_64")["ImageId"]
        if group:
            ec2.modify_image_attribute(
                ImageId=image, LaunchPermission={"Add": [{"Group": group}]}
            )
        if user:
            ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": user}]})
        return image

    def make_ebs(self, network, name, groups, **shared):
        """A snapshot; answers its id. `shared` holds with which group or account."""
        ec2 = self.client("ec2", network["region"])
        volume = ec2.create_volume(AvailabilityZone=self.zone(network), Size=1)["VolumeId"]
        snapshot = ec2.create_snapshot(VolumeId=volume, Description=name)["SnapshotId"]
        if shared:
            ec2.modify_snapshot_attribute(
                SnapshotId=snapshot,
                Attribute="createVolumePermission",
                OperationType="add",
                **shared,
            )
        return snapshot

    def make_eks(self, network, name, groups, **access):
        """A Kubernetes cluster."""
        subnets = [network["subnets"][one] for one in ("public", "spare")]
        self.client("eks", network["region"]).create_cluster(
            name=name,
            roleArn=f"arn:aws:iam::{self.account}:role/filler",
            resourcesVpcConfig={"subnetIds": subnets, **access},
        )

    def make_memorydb(self, network, name, groups):
        """An in-memory database."""
        memory = self.client("memorydb", network["region"])
        memory.create_subnet_group(
            SubnetGroupName=f"{name}-subnets", SubnetIds=[network["subnets"]["public"]]
        )
        memory.create_cluster(
            ClusterName=name,
            NodeType="db.t4g.small",
            ACLName="open-access",
            SecurityGroupIds=groups,
            SubnetGroupName=f"{name}-subnets",
        )
