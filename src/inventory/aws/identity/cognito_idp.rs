//! Answers of Amazon Cognito user pools, which are directories of users.

use std::collections::BTreeMap;

use crate::model::Known;

operations! {
    /// Answers of Amazon Cognito user pools in one region.
    CognitoIdp {
        list_user_pools: Known<UserPools>,
        /// By the pool's id.
        describe_user_pool: BTreeMap<String, DescribedUserPool>,
    }
}

responses! {
    /// Response of ListUserPools.
    UserPools {
        user_pools: Vec<UserPoolName>,
    }

    /// A pool as the list tells it.
    UserPoolName {
        /// `<region>_<id>`.
        id: String,
        name: String,
    }

    /// Response of DescribeUserPool.
    DescribedUserPool {
        user_pool: UserPool,
    }

    /// A user pool.
    UserPool {
        id: String,
        name: String,
        arn: Option<String>,
        /// The prefix of its login pages, where it has some at an address of AWS.
        domain: Option<String>,
        /// The address of its login pages, where it has some at one of its own.
        custom_domain: Option<String>,
        admin_create_user_config: Option<AdminCreateUserConfig>,
        lambda_config: Option<LambdaConfig>,
    }

    /// Who makes users.
    AdminCreateUserConfig {
        /// False where users sign themselves up.
        allow_admin_create_user_only: Option<bool>,
    }

    /// Functions that a user pool calls.
    LambdaConfig {
        /// ARN of the one that is called before a sign-up, and may refuse it.
        pre_sign_up: Option<String>,
    }
}
