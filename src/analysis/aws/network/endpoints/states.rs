//! What a resource's own word on its state means for its door: one table for every service.
//!
//! What is stopped, failed or going away lets nobody in, however open its controls are: a control
//! like any other, that shuts. What is on its way from one state to another is open again in
//! minutes and counts as open. So does a word that the table does not know.

use crate::analysis::aws::network::controls::Control;

/// The words of one service.
#[derive(Debug)]
pub(crate) struct States {
    /// The control that shuts.
    control: Control,
    /// It listens, and nothing is to be said of it.
    open: &'static [&'static str],
    /// It is changed, moved, saved or started: it listens, or does so again soon.
    between: &'static [&'static str],
    /// It does not listen.
    shut: &'static [&'static str],
    /// It does not exist any more, or never came to be.
    gone: &'static [&'static str],
    /// The words of `shut` after which it listens again by itself, and when.
    returns: Option<(&'static [&'static str], &'static str)>,
}

/// EC2 instances (EC2 user guide, "Instance lifecycle"). A stopped one keeps its address and its
/// groups and comes back; a terminated one does not.
pub(crate) static EC2_INSTANCE: States = States {
    control: Control::InstanceState,
    open: &["running", "pending"],
    between: &[],
    shut: &["stopped", "stopping"],
    gone: &["terminated", "shutting-down"],
    returns: None,
};

/// Load balancers (ELB API reference, LoadBalancerState `Code`). Of one that failed there are no
/// nodes: "the load balancer could not be set up".
pub(crate) static LOAD_BALANCER: States = States {
    // None of its states shuts it.
    control: Control::NotAttached,
    open: &["active", "active_impaired"],
    between: &["provisioning"],
    shut: &[],
    gone: &["failed"],
    returns: None,
};

/// The end of a stop, for whatever is stopped through the API of RDS: "your DB instance is
/// automatically started after seven days" (RDS user guide, "Stopping an Amazon RDS DB instance
/// temporarily"; Aurora user guide, "Stopping and starting an Amazon Aurora DB cluster").
const SEVEN_DAYS: Option<(&[&str], &str)> =
    Some((&["stopped", "stopping"], "it starts again by itself after seven days"));

/// Instances of RDS, Aurora, DocumentDB and Neptune (RDS user guide, "Viewing DB instance status").
/// One that cannot get at its key, or not start with its parameters, is down until somebody mends
/// it; a full one still answers.
pub(crate) static RDS_INSTANCE: States = States {
    control: Control::RdsState,
    open: &["available"],
    between: &[
        "backing-up",
        "configuring-associated-roles",
        "configuring-enhanced-monitoring",
        "configuring-iam-database-auth",
        "configuring-log-exports",
        "converting-to-vpc",
        "creating",
        "delete-precheck",
        "incompatible-option-group",
        "maintenance",
        "modifying",
        "moving-to-vpc",
        "rebooting",
        "renaming",
        "resetting-master-credentials",
        "starting",
        "storage-config-upgrade",
        "storage-full",
        "storage-initialization",
        "storage-optimization",
        "upgrading",
    ],
    shut: &[
        "deleting",
        "failed",
        "inaccessible-encryption-credentials",
        "inaccessible-encryption-credentials-recoverable",
        "incompatible-create",
        "incompatible-network",
        "incompatible-parameters",
        "incompatible-restore",
        "insufficient-capacity",
        "restore-error",
        "stopped",
        "stopping",
    ],
    gone: &[],
    returns: SEVEN_DAYS,
};

/// Clusters of RDS, Aurora, DocumentDB and Neptune (Aurora user guide, "Viewing DB cluster
/// status").
pub(crate) static RDS_CLUSTER: States = States {
    control: Control::RdsState,
    open: &["available"],
    between: &[
        "backing-up",
        "backtracking",
        "creating",
        "failing-over",
        "maintenance",
        "migrating",
        "modifying",
        "preparing-data-migration",
        "promoting",
        "rebooting",
        "renaming",
        "resetting-master-credentials",
        "starting",
        "storage-optimization",
        "update-iam-db-auth",
        "upgrading",
    ],
    shut: &[
        "cloning-failed",
        "deleting",
        "inaccessible-encryption-credentials",
        "inaccessible-encryption-credentials-recoverable",
        "migration-failed",
        "stopped",
        "stopping",
    ],
    gone: &[],
    returns: SEVEN_DAYS,
};

/// Redshift clusters (Redshift management guide, "Cluster status"; API reference, Cluster
/// `ClusterStatus`). A paused one keeps everything but its nodes, until somebody or a schedule
/// resumes it. `final-snapshot` is the last one before deletion.
pub(crate) static REDSHIFT: States = States {
    control: Control::RedshiftState,
    open: &["available"],
    between: &[
        "available, prep-for-resize",
        "available, resize-cleanup",
        "cancelling-resize",
        "creating",
        "incompatible-hsm",
        "incompatible-network",
        "incompatible-parameters",
        "modifying",
        "rebooting",
        "renaming",
        "resizing",
        "resuming",
        "rotating-keys",
        "storage-full",
        "updating-hsm",
    ],
    shut: &[
        "deleting",
        "final-snapshot",
        "hardware-failure",
        "incompatible-restore",
        "paused",
        "pausing",
    ],
    gone: &[],
    returns: None,
};

/// Workgroups of Redshift Serverless (API reference, Workgroup `status`). An idle one is AVAILABLE
/// and wakes up for a connection.
pub(crate) static REDSHIFT_SERVERLESS: States = States {
    control: Control::RedshiftServerlessState,
    open: &["AVAILABLE"],
    between: &["CREATING", "MODIFYING"],
    shut: &["DELETING"],
    gone: &[],
    returns: None,
};

/// Replication instances (DMS API reference, ReplicationInstance `ReplicationInstanceStatus`).
pub(crate) static DMS: States = States {
    control: Control::DmsState,
    open: &["available"],
    between: &[
        "creating",
        "incompatible-credentials",
        "incompatible-network",
        "maintenance",
        "modifying",
        "rebooting",
        "resetting-master-credentials",
        "storage-full",
        "upgrading",
    ],
    shut: &["deleted", "deleting", "failed"],
    gone: &[],
    returns: None,
};

/// Brokers of Amazon MQ (API reference, Brokers, `BrokerState`). One that needs action runs on,
/// degraded (Amazon MQ developer guide, "Broker states"); a replica takes over when told to.
pub(crate) static MQ: States = States {
    control: Control::MqState,
    open: &["RUNNING"],
    between: &["CREATION_IN_PROGRESS", "CRITICAL_ACTION_REQUIRED", "REBOOT_IN_PROGRESS", "REPLICA"],
    shut: &["CREATION_FAILED", "DELETION_IN_PROGRESS"],
    gone: &[],
    returns: None,
};

/// MSK clusters (MSK developer guide, "Cluster states").
pub(crate) static MSK: States = States {
    control: Control::MskState,
    open: &["ACTIVE"],
    between: &["CREATING", "HEALING", "MAINTENANCE", "REBOOTING_BROKER", "UPDATING"],
    shut: &["DELETING", "FAILED"],
    gone: &[],
    returns: None,
};

/// EKS clusters (EKS API reference, Cluster `status`). FAILED is one whose creation failed.
pub(crate) static EKS: States = States {
    control: Control::EksState,
    open: &["ACTIVE"],
    between: &["CREATING", "PENDING", "UPDATING"],
    shut: &["DELETING", "FAILED"],
    gone: &[],
    returns: None,
};

/// Caches of ElastiCache (ElastiCache user guide, "Viewing ElastiCache node status"; API reference,
/// CacheCluster `CacheClusterStatus`). Nodes with parameters that do not fit cannot be started.
pub(crate) static ELASTICACHE: States = States {
    control: Control::ElasticacheState,
    open: &["available"],
    between: &[
        "creating",
        "incompatible-network",
        "modifying",
        "rebooting cache cluster nodes",
        "rebooting cluster nodes",
        "snapshotting",
        "updating",
    ],
    shut: &["deleted", "deleting", "incompatible-parameters", "restore-failed"],
    gone: &[],
    returns: None,
};

/// Clusters of MemoryDB (MemoryDB API reference, Cluster `Status`).
pub(crate) static MEMORYDB: States = States {
    control: Control::MemorydbState,
    open: &["available"],
    between: &["creating", "modifying", "snapshotting", "updating"],
    shut: &["create-failed", "deleted", "deleting"],
    gone: &[],
    returns: None,
};

/// The state of one resource.
#[derive(Debug, Clone, Copy)]
pub(crate) struct State<'a> {
    of: &'static States,
    word: &'a str,
}

impl States {
    /// The state that an answer tells; `None` where it tells none.
    pub(crate) fn of<'a>(&'static self, word: Option<&'a str>) -> Option<State<'a>> {
        word.filter(|word| !word.is_empty()).map(|word| State { of: self, word })
    }
}

impl State<'_> {
    fn is_among(self, words: &[&str]) -> bool {
        words.iter().any(|word| word.eq_ignore_ascii_case(self.word))
    }

    /// False for what is no more.
    pub(crate) fn exists(self) -> bool {
        !self.is_among(self.of.gone)
    }

    /// The control that the state is, where it shuts.
    pub(crate) fn shut(self) -> Option<Control> {
        self.is_among(self.of.shut).then_some(self.of.control)
    }

    /// How it shuts, in words.
    pub(crate) fn shut_text(self, what: &str) -> String {
        let returns = self.of.returns.filter(|(words, _)| self.is_among(words));
        let returns = returns.map_or(String::new(), |(_, when)| format!("; {when}"));
        let word = self.word;
        // Some words say in a sentence what they mean, others are those of an API.
        match self.is_among(&["failed", "paused", "pausing", "stopped", "stopping"]) {
            true => format!("{what} is {}{returns}", word.to_ascii_lowercase()),
            false => format!("the state of {what} is {word}{returns}"),
        }
    }

    /// What is to be said of it where it does not shut: nothing of one that simply runs.
    pub(crate) fn remark(self) -> Option<String> {
        if self.is_among(self.of.open) || self.is_among(self.of.shut) {
            None
        } else if self.is_among(self.of.between) {
            Some(format!("now {}", self.word))
        } else {
            Some(format!("in the state {}, which outcrop does not know: taken as open", self.word))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [&States; 12] = [
        &EC2_INSTANCE,
        &LOAD_BALANCER,
        &RDS_INSTANCE,
        &RDS_CLUSTER,
        &REDSHIFT,
        &REDSHIFT_SERVERLESS,
        &DMS,
        &MQ,
        &MSK,
        &EKS,
        &ELASTICACHE,
        &MEMORYDB,
    ];

    #[test]
    fn a_word_means_one_thing() {
        for states in ALL {
            let lists = [states.open, states.between, states.shut, states.gone];
            let mut words: Vec<_> =
                lists.concat().into_iter().map(str::to_ascii_lowercase).collect();
            let all = words.len();
            words.sort();
            words.dedup();
            assert_eq!(words.len(), all, "{:?}", states.control);
            for word in states.returns.map_or(&[][..], |(words, _)| words) {
                assert!(states.shut.contains(word), "{word} shuts");
            }
        }
    }

    #[test]
    fn what_is_stopped_shuts_what_is_between_and_what_is_unknown_passes() {
        let state = |word| RDS_INSTANCE.of(Some(word)).expect("told");
        assert_eq!(state("stopped").shut(), Some(Control::RdsState));
        assert_eq!(
            state("stopped").shut_text("the database"),
            "the database is stopped; it starts again by itself after seven days"
        );
        assert_eq!(
            state("restore-error").shut_text("the database"),
            "the state of the database is restore-error"
        );
        assert_eq!(state("available").remark(), None);
        assert_eq!(state("rebooting").shut(), None);
        assert_eq!(state("rebooting").remark().as_deref(), Some("now rebooting"));
        assert_eq!(state("levitating").shut(), None);
        let remark = state("levitating").remark().expect("said");
        assert!(remark.contains("levitating, which outcrop does not know"), "{remark}");
        assert_eq!(REDSHIFT.of(Some("paused")).and_then(State::shut), Some(Control::RedshiftState));
        // MemoryDB's documentation writes its words with a capital.
        assert_eq!(
            MEMORYDB.of(Some("Deleting")).and_then(State::shut),
            Some(Control::MemorydbState)
        );
        assert!(!EC2_INSTANCE.of(Some("terminated")).expect("told").exists());
        assert!(RDS_INSTANCE.of(None).is_none());
    }
}
