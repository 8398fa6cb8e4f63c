//! Answers of Lambda: functions, the ways into them, and layers. No code is ever read.

use std::collections::BTreeMap;

use crate::model::Known;

operations! {
    /// Answers of Lambda in one region.
    Lambda {
        list_functions: Known<Functions>,
        /// By the function's name.
        list_aliases: BTreeMap<String, Aliases>,
        /// By the function's name (asked for only where a policy may let somebody in by a URL).
        list_function_url_configs: BTreeMap<String, FunctionUrlConfigs>,
        /// By the name of the function, or of function and alias (`resize:live`). A missing one is
        /// unread; `null` says that there is no policy (`ResourceNotFoundException`).
        get_policy: BTreeMap<String, Option<ResourcePolicy>>,
        /// By the function's name (asked for only where a URL is open).
        get_function_concurrency: BTreeMap<String, FunctionConcurrency>,
        list_layers: Known<Layers>,
        /// By the layer's name.
        list_layer_versions: BTreeMap<String, LayerVersions>,
        /// By the version's ARN; `null` says that there is no policy.
        get_layer_version_policy: BTreeMap<String, Option<ResourcePolicy>>,
    }
}

/// Looks an answer up: unread, absent, or there.
pub fn about<'a, T>(answers: &'a BTreeMap<String, Option<T>>, id: &str) -> Known<Option<&'a T>> {
    Known::from(answers.get(id)).map(Option::as_ref)
}

/// What calls know a function or an alias by: `resize`, or `resize:live`. It is the end of the ARN.
pub fn name_in(arn: &str) -> Option<&str> {
    let (_, name) = arn.split_once(":function:")?;
    (!name.is_empty()).then_some(name)
}

responses! {
    /// Response of ListFunctions.
    Functions {
        functions: Vec<FunctionConfiguration>,
    }

    /// A function.
    FunctionConfiguration {
        function_name: String,
        function_arn: Option<String>,
        /// ARN of the role that its code acts with.
        role: Option<String>,
    }

    /// Response of ListAliases.
    Aliases {
        aliases: Vec<AliasConfiguration>,
    }

    /// A name for a version of a function. It has a policy of its own.
    AliasConfiguration {
        alias_arn: Option<String>,
        name: String,
    }

    /// Response of ListFunctionUrlConfigs.
    FunctionUrlConfigs {
        function_url_configs: Vec<FunctionUrlConfig>,
    }

    /// The URL of a function or of an alias.
    FunctionUrlConfig {
        function_url: String,
        /// Of the function or alias that it calls.
        function_arn: Option<String>,
        /// `NONE` or `AWS_IAM`.
        auth_type: Option<String>,
        creation_time: Option<String>,
        /// Absent where it was not configured.
        cors: Option<Cors>,
    }

    /// What browsers are told about other sites.
    Cors {
        allow_origins: Vec<String>,
    }

    /// Response of GetPolicy and GetLayerVersionPolicy.
    ResourcePolicy {
        /// The policy as text.
        policy: Option<String>,
    }

    /// Response of GetFunctionConcurrency.
    FunctionConcurrency {
        /// Absent where nothing is reserved; 0 lets nobody run the function.
        reserved_concurrent_executions: Option<i32>,
    }

    /// Response of ListLayers.
    Layers {
        layers: Vec<Layer>,
    }

    /// A layer.
    Layer {
        layer_name: String,
    }

    /// Response of ListLayerVersions.
    LayerVersions {
        layer_versions: Vec<LayerVersion>,
    }

    /// A version of a layer. It has a policy of its own.
    LayerVersion {
        layer_version_arn: String,
        version: i64,
    }
}
