//! HTTP/1.1 on std alone, and which AWS call a request is.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// A call as it came over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `s3control`, or what the signature says: `ec2`, `rds`, `s3`, `sts`, …
    pub service: String,
    /// Name of the operation.
    pub operation: String,
    /// Region of the signature.
    pub region: String,
    /// The bucket, load balancer, listener, target group, broker, cluster or function, where the
    /// call is about one.
    pub resource: Option<String>,
    /// True when it asks for a page after the first.
    pub further_page: bool,
    /// Access key of the signature.
    pub key: String,
    /// Request line without the version.
    pub line: String,
}

/// A request, whole.
#[derive(Debug, Clone)]
pub struct Message {
    pub head: String,
    pub body: Vec<u8>,
}

impl Message {
    /// Reads the next request of a connection; `None` at its end.
    pub fn read(from: &mut BufReader<TcpStream>) -> io::Result<Option<Message>> {
        let mut head = String::new();
        loop {
            let before = head.len();
            if from.read_line(&mut head)? == 0 {
                return Ok(None);
            }
            if head[before..].trim_end().is_empty() {
                break;
            }
        }
        let length = header(&head, "content-length").and_then(|l| l.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        from.read_exact(&mut body)?;
        Ok(Some(Message { head, body }))
    }

    /// Sends it to `address` and answers head and body of the response.
    pub fn forward(&self, address: &str) -> io::Result<(String, Vec<u8>)> {
        let mut to = TcpStream::connect(address)?;
        // One request a connection: the end of the stream is the end of the response.
        let kept = self.head.trim_end().lines().filter(|line| !is(line, "connection"));
        let head = kept.collect::<Vec<_>>().join("\r\n");
        to.write_all(format!("{head}\r\nConnection: close\r\n\r\n").as_bytes())?;
        to.write_all(&self.body)?;
        let mut bytes = Vec::new();
        to.read_to_end(&mut bytes)?;
        let end =
            bytes.windows(4).position(|w| w == b"\r\n\r\n").ok_or(io::ErrorKind::InvalidData)?;
        Ok((String::from_utf8_lossy(&bytes[..end]).into_owned(), bytes.split_off(end + 4)))
    }

    /// Which call it is.
    pub fn call(&self) -> Call {
        let line = self.head.lines().next().unwrap_or_default();
        let line = line.rsplit_once(' ').map_or(line, |(line, _version)| line);
        let (method, target) = line.split_once(' ').unwrap_or((line, ""));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let body = String::from_utf8_lossy(&self.body);
        // AWS Signature Version 4: Credential=<key>/<date>/<region>/<service>/aws4_request
        let authorization = header(&self.head, "authorization").unwrap_or_default();
        let scope = authorization.split_once("Credential=").map_or("", |(_, rest)| rest);
        let mut scope = scope.split([',', ' ']).next().unwrap_or_default().split('/');
        let (key, region) = (scope.next(), scope.nth(1));
        let signed = scope.next().unwrap_or_default();
        let (service, operation, resource) = match signed {
            "s3" if path.starts_with("/v20180820/") => ("s3control", s3control(method, path), None),
            "s3" => {
                let bucket = path.trim_matches('/').split('/').next().unwrap_or_default();
                let bucket = Some(bucket.to_owned()).filter(|bucket| !bucket.is_empty());
                ("s3", s3(method, path, query), bucket)
            }
            // Both generations sign alike; the version of the API tells them apart.
            "elasticloadbalancing" => {
                let second = parameter(&body, "Version") == Some("2015-12-01");
                let about = ["LoadBalancerArn", "ListenerArn", "TargetGroupArn"];
                let about = about.iter().find_map(|name| parameter(&body, name));
                let about = about.map(|arn| arn.replace("%3A", ":").replace("%2F", "/"));
                let operation = parameter(&body, "Action").unwrap_or(line).to_owned();
                (if second { "elbv2" } else { "elb" }, operation, about)
            }
            // OpenSearch signs as what it was called before.
            "es" => {
                let (operation, resource) = by_path("opensearch", path);
                ("opensearch", operation.unwrap_or_else(|| line.to_owned()), resource)
            }
            "appsync" | "kafka" | "mq" | "eks" | "lambda" if method == "GET" => {
                let (operation, resource) = by_path(signed, path);
                (signed, operation.unwrap_or_else(|| line.to_owned()), resource)
            }
            // The JSON protocols name the operation in a header.
            other if header(&self.head, "x-amz-target").is_some() => {
                let target = header(&self.head, "x-amz-target").unwrap_or_default();
                (other, target.rsplit('.').next().unwrap_or_default().to_owned(), None)
            }
            // The query protocol, and EC2's. A role is named as it is sent, percent-encoded.
            other => {
                let role = parameter(&body, "RoleArn").map(str::to_owned);
                (other, parameter(&body, "Action").unwrap_or(line).to_owned(), role)
            }
        };
        let further = ["NextToken", "Marker"].iter().any(|p| parameter(&body, p).is_some())
            || ["continuation-token", "nextToken", "Marker"]
                .iter()
                .any(|p| parameter(query, p).is_some())
            || body.contains("\"NextToken\":")
            || body.contains("\"nextToken\":");
        Call {
            service: service.to_owned(),
            operation,
            region: region.unwrap_or_default().to_owned(),
            resource,
            further_page: further,
            key: key.unwrap_or_default().to_owned(),
            line: line.to_owned(),
        }
    }
}

fn is(line: &str, name: &str) -> bool {
    line.split_once(':').is_some_and(|(found, _)| found.eq_ignore_ascii_case(name))
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let line = head.lines().find(|line| is(line, name))?;
    line.split_once(':').map(|(_, value)| value.trim())
}

/// A parameter of a query or of a form.
fn parameter<'a>(of: &'a str, name: &str) -> Option<&'a str> {
    let found = of.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    found.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// Operations of S3 by what names them: the path and the sub-resource in the query.
fn s3(method: &str, path: &str, query: &str) -> String {
    let has = |name: &str| parameter(query, name).is_some();
    let object = path.trim_matches('/').contains('/');
    let of_bucket = [
        ("policyStatus", "BucketPolicyStatus"),
        ("policy", "BucketPolicy"),
        ("publicAccessBlock", "PublicAccessBlock"),
        ("ownershipControls", "BucketOwnershipControls"),
        ("acl", "BucketAcl"),
        ("website", "BucketWebsite"),
        ("requestPayment", "BucketRequestPayment"),
        ("location", "BucketLocation"),
    ];
    match (method, object) {
        ("GET", false) if path == "/" => "ListBuckets".to_owned(),
        ("GET", false) if has("list-type") => "ListObjectsV2".to_owned(),
        ("GET", true) if has("acl") => "GetObjectAcl".to_owned(),
        ("GET", false) => match of_bucket.iter().find(|(name, _)| has(name)) {
            Some((_, operation)) => format!("Get{operation}"),
            None => format!("{method} {path}?{query}"),
        },
        _ => format!("{method} {path}?{query}"),
    }
}

/// Operations of services that are asked by path, and what they are about.
fn by_path(service: &str, path: &str) -> (Option<String>, Option<String>) {
    let parts: Vec<_> = path.trim_matches('/').split('/').collect();
    let (operation, resource) = match (service, parts.as_slice()) {
        ("appsync", ["v1", "apis"]) => ("ListGraphqlApis", None),
        ("appsync", ["v2", "apis"]) => ("ListApis", None),
        ("appsync", ["v2", "apis", id, "channelNamespaces"]) => {
            ("ListChannelNamespaces", Some(*id))
        }
        ("opensearch", [_, "domain"]) => ("ListDomainNames", None),
        ("opensearch", [_, "opensearch", "domain-info"]) => ("DescribeDomains", None),
        ("kafka", ["api", "v2", "clusters"]) => ("ListClustersV2", None),
        ("mq", ["v1", "brokers"]) => ("ListBrokers", None),
        ("mq", ["v1", "brokers", id]) => ("DescribeBroker", Some(*id)),
        ("lambda", [_, "functions"]) => ("ListFunctions", None),
        ("lambda", [_, "functions", name, "aliases"]) => ("ListAliases", Some(*name)),
        ("lambda", [_, "functions", name, "concurrency"]) => {
            ("GetFunctionConcurrency", Some(*name))
        }
        ("lambda", [_, "functions", name, "policy"]) => ("GetPolicy", Some(*name)),
        ("lambda", [_, "functions", name, "urls"]) => ("ListFunctionUrlConfigs", Some(*name)),
        ("lambda", [_, "layers"]) => ("ListLayers", None),
        ("lambda", [_, "layers", name, "versions"]) => ("ListLayerVersions", Some(*name)),
        ("lambda", [_, "layers", name, "versions", _, "policy"]) => {
            ("GetLayerVersionPolicy", Some(*name))
        }
        ("eks", ["clusters"]) => ("ListClusters", None),
        ("eks", ["clusters", name]) => ("DescribeCluster", Some(*name)),
        _ => return (None, None),
    };
    (Some(operation.to_owned()), resource.map(str::to_owned))
}

fn s3control(method: &str, path: &str) -> String {
    let parts: Vec<_> = path.trim_matches('/').split('/').skip(1).collect();
    let operation = match (method, parts.as_slice()) {
        ("GET", ["configuration", "publicAccessBlock"]) => "GetPublicAccessBlock",
        ("GET", ["accesspoint"]) => "ListAccessPoints",
        ("GET", ["accesspoint", _]) => "GetAccessPoint",
        ("GET", ["accesspoint", _, "policy"]) => "GetAccessPointPolicy",
        ("GET", ["accesspoint", _, "policyStatus"]) => "GetAccessPointPolicyStatus",
        ("GET", ["mrap", "instances"]) => "ListMultiRegionAccessPoints",
        ("GET", ["mrap", "instances", _, "policy"]) => "GetMultiRegionAccessPointPolicy",
        ("GET", ["mrap", "instances", _, "policystatus"]) => {
            "GetMultiRegionAccessPointPolicyStatus"
        }
        _ => return format!("{method} {path}"),
    };
    operation.to_owned()
}
