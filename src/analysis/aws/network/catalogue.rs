//! The port catalogue: what usually listens where.
//!
//! Ports as registered with IANA, or as the products' manuals name them. A port may be of several
//! products; the worst class counts and all products are named.

use super::protocol::Proto;

/// What a port is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// More than [`MANY`] ports at once, or every protocol.
    All,
    /// Databases and caches.
    Database,
    /// Message queues and what coordinates them.
    Queue,
    /// Shells and desktops.
    Remote,
    /// What runs machines and clusters.
    Orchestration,
    /// Machines of the physical world.
    Industrial,
    /// Consoles with a login, or without.
    AdminUi,
    /// File sharing.
    FileSharing,
    /// Directories, names, time and tunnels.
    Directory,
    /// Mail and what sends passwords in the clear.
    Cleartext,
    /// Any other port.
    Other,
    /// Web sites: open by design.
    Web,
    /// Tunnels and mail over TLS: open by design, with a login of their own.
    Guarded,
    /// Answers to pings.
    Icmp,
}

/// A span of more ports than this is a machine without a firewall.
pub const MANY: u32 = 1000;

/// One product on one range of ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// What it is good for.
    pub class: Class,
    /// Protocol.
    pub proto: Proto,
    /// First and last port.
    pub ports: (u16, u16),
    /// The product.
    pub product: &'static str,
}

const fn entry(class: Class, proto: Proto, from: u16, to: u16, product: &'static str) -> Entry {
    Entry { class, proto, ports: (from, to), product }
}

impl Class {
    /// How much worse it is that a port of this class is open: classes of equal harm are equal.
    fn harm(self) -> u8 {
        match self {
            Class::All => 6,
            Class::Database
            | Class::Queue
            | Class::Remote
            | Class::Orchestration
            | Class::Industrial => 5,
            Class::AdminUi | Class::FileSharing | Class::Directory | Class::Cleartext => 4,
            Class::Other => 3,
            Class::Web | Class::Guarded => 2,
            Class::Icmp => 1,
        }
    }
}

/// What is known of one port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usage {
    /// The worst class of all its products.
    pub class: Class,
    /// All products, those of the worst class first.
    pub products: Vec<&'static str>,
}

/// What usually listens on a port.
pub fn usage(proto: Proto, port: u16) -> Usage {
    let of_port =
        |entry: &&Entry| entry.proto == proto && entry.ports.0 <= port && port <= entry.ports.1;
    let mut entries: Vec<&Entry> = CATALOGUE.iter().filter(of_port).collect();
    // Between classes of equal harm the one with more products is the better guess.
    let count =
        |class: Class| CATALOGUE.iter().filter(of_port).filter(|e| e.class == class).count();
    entries.sort_by_key(|entry| {
        (std::cmp::Reverse(entry.class.harm()), std::cmp::Reverse(count(entry.class)), entry.class)
    });
    let class = entries.first().map_or(Class::Other, |entry| entry.class);
    let mut products: Vec<&'static str> = Vec::new();
    for entry in entries {
        if !products.contains(&entry.product) {
            products.push(entry.product);
        }
    }
    Usage { class, products }
}

/// Whether a load balancer should not publish ports of a class. Web ports are what it is for; an
/// application load balancer lets only HTTP through, so that a port that nobody knows is a web site.
pub fn is_sensitive(class: Class, application: bool) -> bool {
    match class {
        Class::Web | Class::Icmp => false,
        Class::Other => !application,
        _ => true,
    }
}

/// The ports of a range by what usually listens on them: touching ports of the same usage together.
pub fn classify(proto: Proto, (from, to): (u16, u16)) -> Vec<((u16, u16), Usage)> {
    match proto {
        Proto::Icmp => return vec![((from, to), Usage { class: Class::Icmp, products: vec![] })],
        Proto::Other => return vec![((from, to), Usage { class: Class::Other, products: vec![] })],
        Proto::Tcp | Proto::Udp => {}
    }
    if u32::from(to).saturating_sub(u32::from(from)) + 1 > MANY {
        return vec![((from, to), Usage { class: Class::All, products: vec![] })];
    }
    let mut parts: Vec<((u16, u16), Usage)> = Vec::new();
    for port in from..=to {
        let usage = usage(proto, port);
        match parts.last_mut() {
            Some((ports, last)) if *last == usage => ports.1 = port,
            _ => parts.push(((port, port), usage)),
        }
    }
    parts
}

/// Every product on every port.
#[rustfmt::skip]
pub static CATALOGUE: &[Entry] = &[
    entry(Class::Database, Proto::Tcp, 1433, 1434, "MSSQL"),
    entry(Class::Database, Proto::Udp, 1434, 1434, "MSSQL"),
    entry(Class::Database, Proto::Tcp, 1521, 1522, "Oracle"),
    entry(Class::Database, Proto::Tcp, 2483, 2484, "Oracle"),
    entry(Class::Database, Proto::Tcp, 3050, 3050, "Firebird"),
    entry(Class::Database, Proto::Tcp, 3306, 3306, "MySQL"),
    entry(Class::Database, Proto::Tcp, 33060, 33060, "MySQL"),
    entry(Class::Database, Proto::Tcp, 3351, 3351, "Pervasive"),
    entry(Class::Database, Proto::Tcp, 4000, 4000, "TiDB"),
    entry(Class::Database, Proto::Tcp, 5000, 5000, "Sybase/DB2"),
    entry(Class::Database, Proto::Tcp, 5432, 5433, "PostgreSQL/PgBouncer"),
    entry(Class::Database, Proto::Tcp, 6432, 6432, "PostgreSQL/PgBouncer"),
    entry(Class::Database, Proto::Tcp, 5439, 5439, "Redshift"),
    entry(Class::Database, Proto::Tcp, 5984, 5984, "CouchDB"),
    entry(Class::Database, Proto::Tcp, 6984, 6984, "CouchDB"),
    entry(Class::Database, Proto::Tcp, 6379, 6380, "Redis"),
    entry(Class::Database, Proto::Tcp, 16379, 16379, "Redis"),
    entry(Class::Database, Proto::Tcp, 26379, 26379, "Redis"),
    entry(Class::Database, Proto::Tcp, 7000, 7001, "Cassandra"),
    entry(Class::Database, Proto::Tcp, 7199, 7199, "Cassandra"),
    entry(Class::Database, Proto::Tcp, 9042, 9042, "Cassandra"),
    entry(Class::Database, Proto::Tcp, 9160, 9160, "Cassandra"),
    entry(Class::Database, Proto::Tcp, 7474, 7474, "Neo4j"),
    entry(Class::Database, Proto::Tcp, 7473, 7473, "Neo4j"),
    entry(Class::Database, Proto::Tcp, 7687, 7687, "Neo4j"),
    entry(Class::Database, Proto::Tcp, 8086, 8086, "InfluxDB"),
    entry(Class::Database, Proto::Tcp, 8088, 8088, "InfluxDB"),
    entry(Class::Database, Proto::Tcp, 8087, 8087, "Riak"),
    entry(Class::Database, Proto::Tcp, 8098, 8098, "Riak"),
    entry(Class::Database, Proto::Tcp, 8091, 8096, "Couchbase"),
    entry(Class::Database, Proto::Tcp, 11207, 11207, "Couchbase"),
    entry(Class::Database, Proto::Tcp, 11210, 11210, "Couchbase"),
    entry(Class::Database, Proto::Tcp, 8123, 8123, "ClickHouse"),
    entry(Class::Database, Proto::Tcp, 9000, 9000, "ClickHouse"),
    entry(Class::Database, Proto::Tcp, 9440, 9440, "ClickHouse"),
    entry(Class::Database, Proto::Tcp, 8182, 8182, "Neptune/Gremlin"),
    entry(Class::Database, Proto::Tcp, 8529, 8529, "ArangoDB"),
    entry(Class::Database, Proto::Tcp, 9200, 9200, "Elasticsearch/OpenSearch"),
    entry(Class::Database, Proto::Tcp, 9300, 9300, "Elasticsearch/OpenSearch"),
    entry(Class::Database, Proto::Tcp, 11211, 11211, "Memcached"),
    entry(Class::Database, Proto::Udp, 11211, 11211, "Memcached"),
    entry(Class::Database, Proto::Tcp, 26257, 26257, "CockroachDB"),
    entry(Class::Database, Proto::Tcp, 27017, 27020, "MongoDB"),
    entry(Class::Database, Proto::Tcp, 28017, 28017, "MongoDB"),
    entry(Class::Database, Proto::Tcp, 28015, 28015, "RethinkDB"),
    entry(Class::Database, Proto::Tcp, 50000, 50000, "DB2"),
    entry(Class::Database, Proto::Tcp, 19530, 19530, "Milvus"),
    entry(Class::Database, Proto::Tcp, 6333, 6334, "Qdrant"),
    entry(Class::Database, Proto::Tcp, 8108, 8108, "Typesense"),
    entry(Class::Database, Proto::Tcp, 7700, 7700, "Meilisearch"),
    entry(Class::Database, Proto::Tcp, 8983, 8983, "Solr"),
    entry(Class::Database, Proto::Tcp, 5701, 5701, "Hazelcast"),
    entry(Class::Database, Proto::Tcp, 10800, 10800, "Ignite"),
    entry(Class::Database, Proto::Tcp, 3000, 3000, "Aerospike"),
    entry(Class::Queue, Proto::Tcp, 1883, 1883, "MQTT"),
    entry(Class::Queue, Proto::Tcp, 8883, 8883, "MQTT"),
    entry(Class::Queue, Proto::Tcp, 2181, 2181, "ZooKeeper"),
    entry(Class::Queue, Proto::Tcp, 2888, 2888, "ZooKeeper"),
    entry(Class::Queue, Proto::Tcp, 3888, 3888, "ZooKeeper"),
    entry(Class::Queue, Proto::Tcp, 4222, 4222, "NATS"),
    entry(Class::Queue, Proto::Tcp, 6222, 6222, "NATS"),
    entry(Class::Queue, Proto::Tcp, 8222, 8222, "NATS"),
    entry(Class::Queue, Proto::Tcp, 4369, 4369, "RabbitMQ/Erlang"),
    entry(Class::Queue, Proto::Tcp, 5671, 5672, "RabbitMQ/Erlang"),
    entry(Class::Queue, Proto::Tcp, 15671, 15672, "RabbitMQ/Erlang"),
    entry(Class::Queue, Proto::Tcp, 25672, 25672, "RabbitMQ/Erlang"),
    entry(Class::Queue, Proto::Tcp, 5555, 5556, "ZeroMQ/Flower"),
    entry(Class::Queue, Proto::Tcp, 6650, 6650, "Pulsar"),
    entry(Class::Queue, Proto::Tcp, 8080, 8080, "Pulsar"),
    entry(Class::Queue, Proto::Tcp, 8161, 8162, "ActiveMQ"),
    entry(Class::Queue, Proto::Tcp, 61613, 61617, "ActiveMQ"),
    entry(Class::Queue, Proto::Tcp, 9092, 9096, "Kafka"),
    entry(Class::Queue, Proto::Tcp, 9194, 9194, "Kafka"),
    entry(Class::Queue, Proto::Tcp, 9196, 9196, "Kafka"),
    entry(Class::Queue, Proto::Tcp, 9198, 9198, "Kafka"),
    entry(Class::Queue, Proto::Tcp, 8081, 8083, "Kafka REST/registry/connect"),
    entry(Class::Queue, Proto::Tcp, 11300, 11300, "beanstalkd"),
    entry(Class::Queue, Proto::Tcp, 4150, 4151, "NSQ"),
    entry(Class::Queue, Proto::Tcp, 4160, 4161, "NSQ"),
    entry(Class::Remote, Proto::Tcp, 22, 22, "SSH"),
    entry(Class::Remote, Proto::Tcp, 2222, 2222, "SSH"),
    entry(Class::Remote, Proto::Tcp, 23, 23, "telnet"),
    entry(Class::Remote, Proto::Tcp, 2323, 2323, "telnet"),
    entry(Class::Remote, Proto::Tcp, 512, 514, "r-services"),
    entry(Class::Remote, Proto::Tcp, 992, 992, "telnets"),
    entry(Class::Remote, Proto::Tcp, 1494, 1494, "Citrix"),
    entry(Class::Remote, Proto::Tcp, 2598, 2598, "Citrix"),
    entry(Class::Remote, Proto::Tcp, 3283, 3283, "VNC/ARD"),
    entry(Class::Remote, Proto::Tcp, 5900, 5903, "VNC/ARD"),
    entry(Class::Remote, Proto::Tcp, 5800, 5801, "VNC/ARD"),
    entry(Class::Remote, Proto::Tcp, 3389, 3389, "RDP"),
    entry(Class::Remote, Proto::Udp, 3389, 3389, "RDP"),
    entry(Class::Remote, Proto::Tcp, 4899, 4899, "Radmin"),
    entry(Class::Remote, Proto::Tcp, 5631, 5632, "pcAnywhere"),
    entry(Class::Remote, Proto::Tcp, 5985, 5986, "WinRM"),
    entry(Class::Remote, Proto::Tcp, 6000, 6010, "X11"),
    entry(Class::Remote, Proto::Tcp, 7070, 7070, "AnyDesk"),
    entry(Class::Remote, Proto::Tcp, 47001, 47001, "WinRM"),
    entry(Class::Remote, Proto::Tcp, 1723, 1723, "PPTP"),
    entry(Class::Remote, Proto::Udp, 623, 623, "IPMI"),
    entry(Class::Orchestration, Proto::Tcp, 2375, 2377, "Docker/Swarm"),
    entry(Class::Orchestration, Proto::Tcp, 2379, 2380, "etcd"),
    entry(Class::Orchestration, Proto::Tcp, 4001, 4001, "etcd"),
    entry(Class::Orchestration, Proto::Tcp, 4194, 4194, "cAdvisor"),
    entry(Class::Orchestration, Proto::Tcp, 4243, 4243, "Docker"),
    entry(Class::Orchestration, Proto::Tcp, 5000, 5000, "registry"),
    entry(Class::Orchestration, Proto::Tcp, 6443, 6443, "Kubernetes API"),
    entry(Class::Orchestration, Proto::Tcp, 16443, 16443, "Kubernetes API"),
    entry(Class::Orchestration, Proto::Tcp, 8001, 8001, "Kubernetes API"),
    entry(Class::Orchestration, Proto::Tcp, 8443, 8443, "Kubernetes API"),
    entry(Class::Orchestration, Proto::Tcp, 10250, 10250, "kubelet/controllers"),
    entry(Class::Orchestration, Proto::Tcp, 10255, 10257, "kubelet/controllers"),
    entry(Class::Orchestration, Proto::Tcp, 10259, 10259, "kubelet/controllers"),
    entry(Class::Orchestration, Proto::Tcp, 4646, 4648, "Nomad"),
    entry(Class::Orchestration, Proto::Tcp, 8500, 8502, "Consul"),
    entry(Class::Orchestration, Proto::Tcp, 8600, 8600, "Consul"),
    entry(Class::Orchestration, Proto::Tcp, 8300, 8302, "Consul"),
    entry(Class::Orchestration, Proto::Tcp, 8200, 8201, "Vault"),
    entry(Class::Orchestration, Proto::Tcp, 5050, 5051, "Mesos"),
    entry(Class::Orchestration, Proto::Tcp, 8265, 8265, "Ray"),
    entry(Class::Orchestration, Proto::Tcp, 10001, 10001, "Ray"),
    entry(Class::Orchestration, Proto::Tcp, 7077, 7077, "Spark"),
    entry(Class::Orchestration, Proto::Tcp, 8080, 8080, "Spark"),
    entry(Class::Orchestration, Proto::Tcp, 4040, 4040, "Spark"),
    entry(Class::Orchestration, Proto::Tcp, 18080, 18080, "Spark"),
    entry(Class::Orchestration, Proto::Tcp, 8088, 8088, "Hadoop/YARN/HDFS"),
    entry(Class::Orchestration, Proto::Tcp, 8030, 8033, "Hadoop/YARN/HDFS"),
    entry(Class::Orchestration, Proto::Tcp, 8042, 8042, "Hadoop/YARN/HDFS"),
    entry(Class::Orchestration, Proto::Tcp, 19888, 19888, "Hadoop/YARN/HDFS"),
    entry(Class::Orchestration, Proto::Tcp, 50070, 50070, "Hadoop/YARN/HDFS"),
    entry(Class::Orchestration, Proto::Tcp, 9870, 9870, "Hadoop/YARN/HDFS"),
    entry(Class::Orchestration, Proto::Tcp, 8020, 8020, "Hadoop/YARN/HDFS"),
    entry(Class::Orchestration, Proto::Tcp, 9864, 9864, "Hadoop/YARN/HDFS"),
    entry(Class::Orchestration, Proto::Tcp, 50075, 50075, "Hadoop/YARN/HDFS"),
    entry(Class::Orchestration, Proto::Tcp, 16000, 16000, "HBase"),
    entry(Class::Orchestration, Proto::Tcp, 16010, 16010, "HBase"),
    entry(Class::Orchestration, Proto::Tcp, 16020, 16020, "HBase"),
    entry(Class::Orchestration, Proto::Tcp, 16030, 16030, "HBase"),
    entry(Class::Orchestration, Proto::Tcp, 60000, 60000, "HBase"),
    entry(Class::Orchestration, Proto::Tcp, 10000, 10000, "Hive"),
    entry(Class::Orchestration, Proto::Tcp, 10002, 10002, "Hive"),
    entry(Class::Orchestration, Proto::Tcp, 8888, 8888, "Jupyter"),
    entry(Class::Orchestration, Proto::Tcp, 8793, 8793, "Airflow"),
    entry(Class::Orchestration, Proto::Tcp, 8080, 8080, "Airflow"),
    entry(Class::Orchestration, Proto::Tcp, 9001, 9001, "Portainer/supervisor"),
    entry(Class::Orchestration, Proto::Tcp, 4505, 4506, "Salt"),
    entry(Class::Orchestration, Proto::Tcp, 8140, 8140, "Puppet"),
    entry(Class::Orchestration, Proto::Tcp, 15000, 15010, "Istio"),
    entry(Class::Orchestration, Proto::Tcp, 9901, 9901, "Envoy admin"),
    entry(Class::AdminUi, Proto::Tcp, 7990, 7990, "Bitbucket"),
    entry(Class::AdminUi, Proto::Tcp, 8080, 8080, "Jenkins/Tomcat"),
    entry(Class::AdminUi, Proto::Tcp, 50000, 50000, "Jenkins agent"),
    entry(Class::AdminUi, Proto::Tcp, 8081, 8081, "Nexus"),
    entry(Class::AdminUi, Proto::Tcp, 8082, 8082, "Artifactory"),
    entry(Class::AdminUi, Proto::Tcp, 8834, 8834, "Nessus"),
    entry(Class::AdminUi, Proto::Tcp, 9000, 9000, "SonarQube/Portainer/MinIO"),
    entry(Class::AdminUi, Proto::Tcp, 9090, 9090, "Prometheus/Cockpit"),
    entry(Class::AdminUi, Proto::Tcp, 9091, 9091, "Prometheus family"),
    entry(Class::AdminUi, Proto::Tcp, 9093, 9093, "Prometheus family"),
    entry(Class::AdminUi, Proto::Tcp, 9100, 9100, "Prometheus family"),
    entry(Class::AdminUi, Proto::Tcp, 3000, 3000, "Grafana"),
    entry(Class::AdminUi, Proto::Tcp, 3100, 3100, "Loki"),
    entry(Class::AdminUi, Proto::Tcp, 5601, 5601, "Kibana"),
    entry(Class::AdminUi, Proto::Tcp, 15601, 15601, "Kibana"),
    entry(Class::AdminUi, Proto::Tcp, 9600, 9600, "Logstash"),
    entry(Class::AdminUi, Proto::Tcp, 5044, 5044, "Beats"),
    entry(Class::AdminUi, Proto::Tcp, 24224, 24224, "Fluentd"),
    entry(Class::AdminUi, Proto::Tcp, 8006, 8006, "Proxmox"),
    entry(Class::AdminUi, Proto::Tcp, 902, 902, "VMware"),
    entry(Class::AdminUi, Proto::Tcp, 5480, 5480, "VMware"),
    entry(Class::AdminUi, Proto::Tcp, 9443, 9443, "VMware"),
    entry(Class::AdminUi, Proto::Tcp, 10000, 10000, "Webmin"),
    entry(Class::AdminUi, Proto::Tcp, 2082, 2087, "cPanel"),
    entry(Class::AdminUi, Proto::Tcp, 8089, 8089, "Splunk"),
    entry(Class::AdminUi, Proto::Tcp, 9997, 9997, "Splunk"),
    entry(Class::AdminUi, Proto::Tcp, 10050, 10051, "Zabbix"),
    entry(Class::AdminUi, Proto::Tcp, 5666, 5666, "NRPE"),
    entry(Class::AdminUi, Proto::Tcp, 7001, 7002, "WebLogic"),
    entry(Class::AdminUi, Proto::Tcp, 9043, 9043, "WebSphere"),
    entry(Class::AdminUi, Proto::Tcp, 9060, 9060, "WebSphere"),
    entry(Class::AdminUi, Proto::Tcp, 9990, 9990, "JBoss/GlassFish/AJP"),
    entry(Class::AdminUi, Proto::Tcp, 4848, 4848, "JBoss/GlassFish/AJP"),
    entry(Class::AdminUi, Proto::Tcp, 8009, 8009, "JBoss/GlassFish/AJP"),
    entry(Class::AdminUi, Proto::Tcp, 1099, 1099, "JMX/RMI"),
    entry(Class::AdminUi, Proto::Tcp, 8686, 8686, "JMX/RMI"),
    entry(Class::AdminUi, Proto::Tcp, 9010, 9010, "JMX/RMI"),
    entry(Class::AdminUi, Proto::Tcp, 5005, 5005, "debugger"),
    entry(Class::AdminUi, Proto::Tcp, 8000, 8000, "debugger"),
    entry(Class::AdminUi, Proto::Tcp, 9229, 9229, "debugger"),
    entry(Class::AdminUi, Proto::Tcp, 4444, 4445, "Selenium"),
    entry(Class::AdminUi, Proto::Tcp, 11434, 11434, "Ollama"),
    entry(Class::AdminUi, Proto::Tcp, 7860, 7860, "Gradio"),
    entry(Class::AdminUi, Proto::Tcp, 8501, 8501, "Streamlit"),
    entry(Class::AdminUi, Proto::Tcp, 5001, 5001, "registry UI"),
    entry(Class::FileSharing, Proto::Tcp, 20, 21, "FTP"),
    entry(Class::FileSharing, Proto::Udp, 69, 69, "TFTP"),
    entry(Class::FileSharing, Proto::Tcp, 111, 111, "rpcbind"),
    entry(Class::FileSharing, Proto::Udp, 111, 111, "rpcbind"),
    entry(Class::FileSharing, Proto::Tcp, 135, 135, "SMB"),
    entry(Class::FileSharing, Proto::Tcp, 137, 139, "SMB"),
    entry(Class::FileSharing, Proto::Tcp, 445, 445, "SMB"),
    entry(Class::FileSharing, Proto::Udp, 137, 138, "SMB"),
    entry(Class::FileSharing, Proto::Tcp, 548, 548, "AFP"),
    entry(Class::FileSharing, Proto::Tcp, 873, 873, "rsync"),
    entry(Class::FileSharing, Proto::Tcp, 989, 990, "FTPS"),
    entry(Class::FileSharing, Proto::Tcp, 2049, 2049, "NFS"),
    entry(Class::FileSharing, Proto::Udp, 2049, 2049, "NFS"),
    entry(Class::FileSharing, Proto::Tcp, 3260, 3260, "iSCSI"),
    entry(Class::FileSharing, Proto::Tcp, 24007, 24008, "Gluster"),
    entry(Class::FileSharing, Proto::Tcp, 49152, 49160, "Gluster"),
    entry(Class::FileSharing, Proto::Tcp, 6789, 6789, "Ceph"),
    entry(Class::FileSharing, Proto::Tcp, 6800, 7300, "Ceph"),
    entry(Class::FileSharing, Proto::Tcp, 9000, 9001, "MinIO"),
    entry(Class::FileSharing, Proto::Tcp, 988, 988, "Lustre"),
    entry(Class::Directory, Proto::Tcp, 53, 53, "DNS"),
    entry(Class::Directory, Proto::Udp, 53, 53, "DNS"),
    entry(Class::Directory, Proto::Udp, 67, 68, "DHCP"),
    entry(Class::Directory, Proto::Tcp, 88, 88, "Kerberos"),
    entry(Class::Directory, Proto::Udp, 88, 88, "Kerberos"),
    entry(Class::Directory, Proto::Udp, 123, 123, "NTP"),
    entry(Class::Directory, Proto::Udp, 161, 162, "SNMP"),
    entry(Class::Directory, Proto::Tcp, 179, 179, "BGP"),
    entry(Class::Directory, Proto::Tcp, 389, 389, "LDAP"),
    entry(Class::Directory, Proto::Tcp, 636, 636, "LDAP"),
    entry(Class::Directory, Proto::Tcp, 3268, 3269, "LDAP"),
    entry(Class::Directory, Proto::Udp, 389, 389, "LDAP"),
    entry(Class::Directory, Proto::Tcp, 464, 464, "kpasswd"),
    entry(Class::Guarded, Proto::Udp, 500, 500, "IPsec"),
    entry(Class::Guarded, Proto::Udp, 4500, 4500, "IPsec"),
    entry(Class::Directory, Proto::Udp, 514, 514, "syslog"),
    entry(Class::Directory, Proto::Udp, 520, 520, "RIP"),
    entry(Class::Directory, Proto::Tcp, 749, 749, "kadmin"),
    entry(Class::Guarded, Proto::Udp, 1194, 1194, "OpenVPN"),
    entry(Class::Guarded, Proto::Tcp, 1194, 1194, "OpenVPN"),
    entry(Class::Directory, Proto::Udp, 1812, 1813, "RADIUS"),
    entry(Class::Directory, Proto::Udp, 1900, 1900, "SSDP"),
    entry(Class::Directory, Proto::Udp, 3478, 3478, "STUN"),
    entry(Class::Directory, Proto::Tcp, 5060, 5061, "SIP"),
    entry(Class::Directory, Proto::Udp, 5060, 5061, "SIP"),
    entry(Class::Directory, Proto::Udp, 5353, 5353, "mDNS"),
    entry(Class::Directory, Proto::Udp, 5683, 5683, "CoAP"),
    entry(Class::Guarded, Proto::Udp, 51820, 51820, "WireGuard"),
    entry(Class::Cleartext, Proto::Tcp, 25, 25, "mail"),
    entry(Class::Cleartext, Proto::Tcp, 110, 110, "mail"),
    entry(Class::Cleartext, Proto::Tcp, 143, 143, "mail"),
    entry(Class::Guarded, Proto::Tcp, 465, 465, "mail over TLS"),
    entry(Class::Guarded, Proto::Tcp, 587, 587, "mail over TLS"),
    entry(Class::Guarded, Proto::Tcp, 993, 993, "mail over TLS"),
    entry(Class::Guarded, Proto::Tcp, 995, 995, "mail over TLS"),
    entry(Class::Cleartext, Proto::Tcp, 79, 79, "finger"),
    entry(Class::Cleartext, Proto::Tcp, 109, 109, "POP2"),
    entry(Class::Cleartext, Proto::Tcp, 119, 119, "NNTP"),
    entry(Class::Cleartext, Proto::Tcp, 194, 194, "IRC"),
    entry(Class::Cleartext, Proto::Tcp, 6667, 6667, "IRC"),
    entry(Class::Cleartext, Proto::Tcp, 7, 7, "small services"),
    entry(Class::Cleartext, Proto::Tcp, 9, 9, "small services"),
    entry(Class::Cleartext, Proto::Tcp, 13, 13, "small services"),
    entry(Class::Cleartext, Proto::Tcp, 17, 17, "small services"),
    entry(Class::Cleartext, Proto::Tcp, 19, 19, "small services"),
    entry(Class::Cleartext, Proto::Udp, 7, 7, "small services"),
    entry(Class::Cleartext, Proto::Udp, 9, 9, "small services"),
    entry(Class::Cleartext, Proto::Udp, 13, 13, "small services"),
    entry(Class::Cleartext, Proto::Udp, 17, 17, "small services"),
    entry(Class::Cleartext, Proto::Udp, 19, 19, "small services"),
    entry(Class::Industrial, Proto::Tcp, 102, 102, "S7"),
    entry(Class::Industrial, Proto::Tcp, 502, 502, "Modbus"),
    entry(Class::Industrial, Proto::Tcp, 1911, 1911, "Fox"),
    entry(Class::Industrial, Proto::Tcp, 4911, 4911, "Fox"),
    entry(Class::Industrial, Proto::Tcp, 1962, 1962, "PCWorx"),
    entry(Class::Industrial, Proto::Tcp, 2404, 2404, "IEC-104"),
    entry(Class::Industrial, Proto::Tcp, 4840, 4840, "OPC-UA"),
    entry(Class::Industrial, Proto::Udp, 9600, 9600, "OMRON"),
    entry(Class::Industrial, Proto::Tcp, 18245, 18245, "GE-SRTP"),
    entry(Class::Industrial, Proto::Tcp, 20000, 20000, "DNP3"),
    entry(Class::Industrial, Proto::Tcp, 20547, 20547, "ProConOS"),
    entry(Class::Industrial, Proto::Tcp, 34962, 34964, "PROFINET"),
    entry(Class::Industrial, Proto::Tcp, 44818, 44818, "EtherNet/IP"),
    entry(Class::Industrial, Proto::Udp, 2222, 2222, "EtherNet/IP"),
    entry(Class::Industrial, Proto::Udp, 47808, 47808, "BACnet"),
    entry(Class::Industrial, Proto::Tcp, 789, 789, "Crimson"),
    entry(Class::Industrial, Proto::Tcp, 5094, 5094, "HART-IP"),
    entry(Class::Industrial, Proto::Tcp, 10001, 10001, "ATG"),
    entry(Class::Web, Proto::Tcp, 80, 80, "web"),
    entry(Class::Web, Proto::Tcp, 443, 443, "web"),
    entry(Class::Web, Proto::Tcp, 591, 591, "web"),
    entry(Class::Web, Proto::Tcp, 8000, 8000, "web"),
    entry(Class::Web, Proto::Tcp, 8008, 8008, "web"),
    entry(Class::Web, Proto::Tcp, 8080, 8080, "web"),
    entry(Class::Web, Proto::Tcp, 8443, 8443, "web"),
    entry(Class::Web, Proto::Tcp, 8888, 8888, "web"),
    entry(Class::Web, Proto::Tcp, 3000, 3000, "web"),
    entry(Class::Web, Proto::Tcp, 5000, 5000, "web"),
    entry(Class::Web, Proto::Tcp, 81, 81, "web"),
    entry(Class::Web, Proto::Tcp, 4443, 4443, "web"),
    entry(Class::Web, Proto::Tcp, 9443, 9443, "web"),
    entry(Class::Web, Proto::Udp, 443, 443, "web"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn class(proto: Proto, port: u16) -> Class {
        usage(proto, port).class
    }

    #[test]
    fn well_known_ports_have_their_class() {
        for (port, expected) in [
            (22, Class::Remote),
            (80, Class::Web),
            (443, Class::Web),
            (445, Class::FileSharing),
            (389, Class::Directory),
            (25, Class::Cleartext),
            (993, Class::Guarded),
            (27017, Class::Database),
            (6379, Class::Database),
            (9092, Class::Queue),
            (2375, Class::Orchestration),
            (5601, Class::AdminUi),
            (502, Class::Industrial),
            (12345, Class::Other),
        ] {
            assert_eq!(class(Proto::Tcp, port), expected, "{port}");
        }
        assert_eq!(class(Proto::Udp, 161), Class::Directory);
        assert_eq!(class(Proto::Udp, 51820), Class::Guarded);
        assert_eq!(class(Proto::Udp, 27017), Class::Other, "MongoDB does not speak UDP");
    }

    #[test]
    fn a_shared_port_takes_the_worst_class_and_names_all() {
        let usage = usage(Proto::Tcp, 8080);
        assert_eq!(usage.class, Class::Orchestration);
        for product in ["Spark", "Airflow", "Pulsar", "Jenkins/Tomcat", "web"] {
            assert!(usage.products.contains(&product), "{product}: {usage:?}");
        }
    }

    #[test]
    fn ranges_are_divided_by_usage() {
        let parts = classify(Proto::Tcp, (79, 81));
        let classes: Vec<_> = parts.iter().map(|(ports, usage)| (*ports, usage.class)).collect();
        assert_eq!(classes, [((79, 79), Class::Cleartext), ((80, 81), Class::Web)]);
        assert_ne!(classify(Proto::Tcp, (1, 1000))[0].1.class, Class::All);
        assert_eq!(classify(Proto::Tcp, (0, 1000))[0].1.class, Class::All);
        assert_eq!(classify(Proto::Tcp, (65535, 65535)).len(), 1);
    }

    #[test]
    fn the_table_is_sound() {
        for (index, entry) in CATALOGUE.iter().enumerate() {
            assert!(entry.ports.0 <= entry.ports.1, "{entry:?}");
            assert!(!entry.product.is_empty(), "{entry:?}");
            let twice = CATALOGUE[index + 1..].iter().find(|other| *other == entry);
            assert_eq!(twice, None, "listed twice");
        }
    }
}
