//! One HTTP client for everything: a pool of connections that knows the environment's proxies.

use aws_smithy_http_client::pool::{Client, ConnectionPool};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

/// Builds it. Sockets are bounded, since the pool itself would open one for each call in flight;
/// `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are honoured.
pub(super) fn client(concurrency: usize, proxy: ProxyConfig) -> Result<Client, String> {
    // A few more than calls in flight: credentials are refreshed beside them.
    let pool = ConnectionPool::builder()
        .proxy_config(proxy)
        .max_connections_per_host(concurrency.max(1) + 8)
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .build_https()
        .map_err(|error| error.to_string())?;
    Client::new(&pool).map_err(|error| error.to_string())
}
