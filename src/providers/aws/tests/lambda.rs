//! Functions and layers of Lambda, as AWS tells of them.

use std::collections::BTreeMap;

use super::replay::{Asked, Cloud, Said, json_error, ok};
use crate::inventory::Snapshot;
use crate::inventory::aws::Lambda;
use crate::model::Outcome;

const FUNCTIONS: [&str; 6] = [
    "lambda:GetFunctionConcurrency",
    "lambda:GetPolicy",
    "lambda:ListAliases",
    "lambda:ListFunctionUrlConfigs",
    "lambda:ListFunctions",
    "lambda:ListLayers",
];

fn arn(name: &str) -> String {
    format!("arn:aws:lambda:us-east-1:111122223333:function:{name}")
}

/// A policy that lets everyone do both that a URL asks for.
fn open(name: &str) -> String {
    let arn = arn(name);
    let actions = r#"["lambda:InvokeFunctionUrl","lambda:InvokeFunction"]"#;
    let statement = format!(
        r#"{{"Sid":"All","Effect":"Allow","Principal":"*","Action":{actions},"Resource":"{arn}"}}"#
    );
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
    format!(r#"{{"Policy":{policy:?}}}"#)
}

fn gone() -> Said {
    json_error(404, "ResourceNotFoundException")
}

fn function(name: &str) -> String {
    let arn = arn(name);
    let role = r#""Role":"arn:aws:iam::111122223333:role/r","Version":"$LATEST""#;
    format!(r#"{{"FunctionName":"{name}","FunctionArn":"{arn}",{role}}}"#)
}

/// Seven functions on two pages: `open` and `shut` have a policy for everyone, `named` has an
/// alias that has one, and the others have none or cannot be read.
fn answer(asked: &Asked) -> Said {
    let (path, query) = asked.what.split_once('?').unwrap_or((&asked.what, ""));
    let path = path.strip_prefix("GET ").expect("it only reads").trim_end_matches('/');
    let parts: Vec<&str> = path.split('/').skip(2).collect();
    let more = query.contains("Marker=");
    let list = |names: &[&str], marker: &str| {
        let all: Vec<_> = names.iter().map(|name| function(name)).collect();
        ok(format!(r#"{{"Functions":[{}]{marker}}}"#, all.join(",")))
    };
    match parts.as_slice() {
        ["functions"] if more => list(&["plain", "secret", "odd"], ""),
        ["functions"] => list(&["open", "shut", "named", "gone"], r#","NextMarker":"2""#),
        ["functions", "gone", _] => gone(),
        ["functions", "secret", _] => json_error(403, "AccessDeniedException"),
        ["functions", "named", "aliases"] if more => {
            let arn = arn("named:live");
            ok(format!(r#"{{"Aliases":[{{"AliasArn":"{arn}","Name":"live"}}]}}"#))
        }
        ["functions", "named", "aliases"] => {
            let arn = arn("named:next");
            let alias = format!(r#"{{"AliasArn":"{arn}","Name":"next"}}"#);
            ok(format!(r#"{{"Aliases":[{alias}],"NextMarker":"2"}}"#))
        }
        ["functions", _, "aliases"] => ok(r#"{"Aliases":[]}"#),
        ["functions", "odd", "policy"] => ok("{}"),
        ["functions", "named", "policy"] if query.contains("Qualifier=live") => {
            ok(open("named:live"))
        }
        ["functions", name @ ("open" | "shut"), "policy"] => {
            assert_eq!(query, "", "a function itself has no qualifier");
            ok(open(name))
        }
        ["functions", _, "policy"] => gone(),
        ["functions", name @ ("open" | "named"), "urls"] => {
            let arn = arn(if *name == "named" { "named:live" } else { name });
            let url = r#""FunctionUrl":"https://x.lambda-url.us-east-1.on.aws/""#;
            let rest = r#""CreationTime":"2026-02-03T10:00:00.000Z","AuthType":"NONE","Cors":{"AllowOrigins":["*"]}"#;
            let time = r#""LastModifiedTime":"2026-02-03T10:00:00.000Z""#;
            let config = format!(r#"{{{url},"FunctionArn":"{arn}",{rest},{time}}}"#);
            ok(format!(r#"{{"FunctionUrlConfigs":[{config}]}}"#))
        }
        ["functions", "shut", "urls"] => ok(r#"{"FunctionUrlConfigs":[]}"#),
        ["functions", "open", "concurrency"] => ok(r#"{"ReservedConcurrentExecutions":0}"#),
        ["functions", "named", "concurrency"] => ok("{}"),
        ["layers"] => ok(r#"{"Layers":[]}"#),
        other => panic!("{other:?}"),
    }
}

fn lambda(snapshot: &Snapshot) -> &Lambda {
    &snapshot.regions["us-east-1"].lambda
}

fn keys<T>(answers: &BTreeMap<String, T>) -> Vec<&str> {
    answers.keys().map(String::as_str).collect()
}

#[test]
fn urls_are_asked_for_where_a_policy_would_open_them_and_concurrency_where_one_is_open() {
    let snapshot = Cloud::new(answer).collect(&FUNCTIONS);
    let lambda = lambda(&snapshot);
    let listed = &lambda.list_functions.read().expect("the call was answered").functions;
    let names: Vec<_> = listed.iter().map(|one| one.function_name.as_str()).collect();
    assert_eq!(names, ["open", "shut", "named", "gone", "plain", "secret", "odd"]);
    assert_eq!(listed[0].role.as_deref(), Some("arn:aws:iam::111122223333:role/r"));
    let policies = &lambda.get_policy;
    let read = ["gone", "named", "named:live", "named:next", "open", "plain", "shut"];
    assert_eq!(keys(policies), read, "what is refused or odd is not read");
    let with: Vec<_> = policies.iter().filter(|(_, policy)| policy.is_some()).collect();
    let with: Vec<_> = with.into_iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(with, ["named:live", "open", "shut"]);
    assert_eq!(keys(&lambda.list_aliases), ["gone", "named", "odd", "open", "plain", "shut"]);
    assert_eq!(lambda.list_aliases["named"].aliases.len(), 2);
    assert_eq!(keys(&lambda.list_function_url_configs), ["named", "open", "shut"]);
    let url = &lambda.list_function_url_configs["named"].function_url_configs[0];
    assert_eq!(url.function_arn, Some(arn("named:live")));
    assert_eq!(url.auth_type.as_deref(), Some("NONE"));
    assert_eq!(url.cors.as_ref().expect("it has some").allow_origins, ["*"]);
    let left = &lambda.get_function_concurrency;
    assert_eq!(keys(left), ["named", "open"]);
    assert_eq!(left["open"].reserved_concurrent_executions, Some(0));
    assert_eq!(left["named"].reserved_concurrent_executions, None);
    let mut gaps: Vec<_> = snapshot
        .gaps
        .iter()
        .map(|gap| (gap.call(), gap.resource.as_deref().unwrap_or_default(), gap.outcome))
        .collect();
    gaps.sort_unstable();
    let call = |operation: &str| format!("lambda:{operation}");
    assert_eq!(
        gaps,
        [
            (call("GetPolicy"), "odd", Outcome::Malformed),
            (call("GetPolicy"), "secret", Outcome::Denied),
            (call("ListAliases"), "secret", Outcome::Denied),
        ]
    );
}

#[test]
fn a_region_without_functions_costs_one_call() {
    let cloud = Cloud::new(|_| ok(r#"{"Functions":[]}"#));
    let calls: Vec<&str> =
        FUNCTIONS.into_iter().filter(|call| *call != "lambda:ListLayers").collect();
    let snapshot = cloud.collect(&calls);
    assert_eq!(snapshot.gaps, []);
    assert_eq!(cloud.asked().values().sum::<usize>(), 1, "{:?}", cloud.asked());
}

#[test]
fn refused_lists_of_functions_and_layers_are_gaps_and_ask_nothing_more() {
    let cloud = Cloud::new(|_| json_error(403, "AccessDeniedException"));
    let snapshot = cloud.collect(&FUNCTIONS);
    assert!(lambda(&snapshot).list_functions.is_unread());
    assert!(lambda(&snapshot).list_layers.is_unread());
    let mut gaps: Vec<_> = snapshot.gaps.iter().map(|gap| gap.call()).collect();
    gaps.sort_unstable();
    assert_eq!(gaps, ["lambda:ListFunctions", "lambda:ListLayers"]);
}

#[test]
fn every_version_of_a_layer_is_asked_for_its_policy() {
    let version = |name: &str, number: u8| {
        let arn = format!("arn:aws:lambda:us-east-1:111122223333:layer:{name}:{number}");
        format!(r#"{{"LayerVersionArn":"{arn}","Version":{number}}}"#)
    };
    let cloud = Cloud::new(move |asked| {
        let (path, query) = asked.what.split_once('?').unwrap_or((&asked.what, ""));
        let parts: Vec<&str> = path.trim_end_matches('/').split('/').skip(2).collect();
        let more = query.contains("Marker=");
        match parts.as_slice() {
            ["layers"] if more => ok(r#"{"Layers":[{"LayerName":"gone"}]}"#),
            ["layers"] => ok(r#"{"Layers":[{"LayerName":"tools"}],"NextMarker":"2"}"#),
            ["layers", "gone", "versions"] => gone(),
            ["layers", "tools", "versions"] if more => {
                let (two, one) = (version("tools", 2), version("tools", 1));
                ok(format!(r#"{{"LayerVersions":[{two},{one}]}}"#))
            }
            ["layers", "tools", "versions"] => {
                let three = version("tools", 3);
                ok(format!(r#"{{"LayerVersions":[{three}],"NextMarker":"2"}}"#))
            }
            ["layers", "tools", "versions", "1", "policy"] => ok(r#"{"Policy":"{}"}"#),
            ["layers", "tools", "versions", "2", "policy"] => gone(),
            ["layers", "tools", "versions", "3", "policy"] => {
                json_error(403, "AccessDeniedException")
            }
            other => panic!("{other:?}"),
        }
    });
    let snapshot = cloud.collect(&[
        "lambda:GetLayerVersionPolicy",
        "lambda:ListLayerVersions",
        "lambda:ListLayers",
    ]);
    let lambda = lambda(&snapshot);
    assert_eq!(keys(&lambda.list_layer_versions), ["gone", "tools"]);
    assert_eq!(lambda.list_layer_versions["tools"].layer_versions.len(), 3);
    assert_eq!(lambda.list_layer_versions["gone"].layer_versions, []);
    let policies: Vec<_> = lambda
        .get_layer_version_policy
        .iter()
        .map(|(arn, policy)| (arn.rsplit(':').next().expect("an end"), policy.is_some()))
        .collect();
    assert_eq!(policies, [("1", true), ("2", false)]);
    let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
    assert_eq!(gaps, [("lambda:GetLayerVersionPolicy".to_owned(), Outcome::Denied)]);
}
