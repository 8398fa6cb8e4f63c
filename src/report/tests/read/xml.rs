//! XML, read by two parsers: quick-xml (through quick-junit) and roxmltree.

use quick_junit::Report;

/// A test as both parsers see it.
#[derive(Debug, PartialEq, Eq)]
pub struct Case {
    /// Name of its suite.
    pub suite: String,
    /// Its own name.
    pub name: String,
    /// Of what it is a test.
    pub class: String,
}

/// The tests of a report, where both parsers find the same.
pub fn cases(xml: &str) -> Result<Vec<Case>, String> {
    let (one, other) = (by_quick_xml(xml)?, by_roxmltree(xml)?);
    match one == other {
        true => Ok(one),
        false => Err(format!("the parsers see different tests: {one:?}, {other:?}")),
    }
}

fn by_quick_xml(xml: &str) -> Result<Vec<Case>, String> {
    let report = Report::deserialize_from_str(xml).map_err(|e| e.to_string())?;
    let cases = report.test_suites.iter().flat_map(|suite| {
        suite.test_cases.iter().map(|case| Case {
            suite: suite.name.as_str().to_owned(),
            name: case.name.as_str().to_owned(),
            class: case.classname.as_ref().map_or("", |name| name.as_str()).to_owned(),
        })
    });
    Ok(cases.collect())
}

fn by_roxmltree(xml: &str) -> Result<Vec<Case>, String> {
    let document = roxmltree::Document::parse(xml).map_err(|e| e.to_string())?;
    let known = ["testsuites", "testsuite", "testcase", "failure", "error", "skipped"];
    let mut cases = Vec::new();
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let name = node.tag_name().name();
        if !known.contains(&name) {
            return Err(format!("an element of their own: {name}"));
        }
        if name == "testcase" {
            let text = |node: roxmltree::Node<'_, '_>, name| {
                node.attribute(name).unwrap_or_default().to_owned()
            };
            cases.push(Case {
                suite: text(node.parent().ok_or("a test without a suite")?, "name"),
                name: text(node, "name"),
                class: text(node, "classname"),
            });
        }
    }
    Ok(cases)
}

#[test]
fn what_is_no_report_is_refused() {
    for hostile in [
        "<testsuites><testsuite name='a'><testcase name='\u{1}'/></testsuite></testsuites>",
        "<testsuites><testsuite name='a'><evil/></testsuite></testsuites>",
        "<testsuites><testsuite name='a'><testcase name='b'></testsuite></testsuites>",
    ] {
        assert!(cases(hostile).is_err(), "{hostile}");
    }
}
