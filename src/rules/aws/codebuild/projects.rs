//! What the rules about projects of CodeBuild have in common.

use std::collections::BTreeSet;

use crate::inventory::aws::calls::codebuild::{BATCH_GET_PROJECTS, LIST_PROJECTS};
use crate::inventory::aws::codebuild::Project;
use crate::inventory::aws::kinds;
use crate::model::Resource;
use crate::rules::{Findings, Region};

/// The projects of a region; what of them was not read is noted.
pub fn of<'a>(region: &Region<'_, 'a>, found: &mut Findings) -> &'a [Project] {
    let codebuild = &region.services.codebuild;
    let Some(listed) = codebuild.list_projects.read() else {
        found.unread(&LIST_PROJECTS, region.name);
        return codebuild.batch_get_projects.read().map_or(&[], |read| &read.projects);
    };
    let Some(read) = codebuild.batch_get_projects.read() else {
        if !listed.projects.is_empty() {
            found.unread(&BATCH_GET_PROJECTS, region.name);
        }
        return &[];
    };
    let known: BTreeSet<&str> = read.projects.iter().map(|one| one.name.as_str()).collect();
    // Also what was deleted in between; a batch without an answer is a gap of its own.
    if listed.projects.iter().any(|name| !known.contains(name.as_str())) && known.is_empty() {
        found.unread(&BATCH_GET_PROJECTS, region.name);
    }
    &read.projects
}

/// A project as a finding names it.
pub fn resource(region: &Region<'_, '_>, project: &Project) -> Resource {
    let (place, name) = (region.place(), project.name.as_str());
    match &project.arn {
        Some(arn) => kinds::CODEBUILD_PROJECT.resource_of(&place, name, arn),
        None => kinds::CODEBUILD_PROJECT.resource(&place, name),
    }
}
