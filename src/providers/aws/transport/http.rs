//! One HTTP client for everything: a pool of connections that knows the environment's proxies.

use aws_smithy_http_client::pool::{Client, ConnectionPool};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

/// Builds it. Sockets are bounded, since the pool itself would open one for each call in flight;
/// `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are honoured.
pub(crate) fn client(concurrency: usize, proxy: ProxyConfig) -> Result<Client, String> {
    // A few more than calls in flight: credentials are refreshed beside them.
    let pool = ConnectionPool::builder()
        .proxy_config(proxy)
        .max_connections_per_host(concurrency.max(1) + 8)
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .build_https()
        .map_err(|error| error.to_string())?;
    Client::new(&pool).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::process::Command;

    use super::*;

    /// Set in the process that stands behind a proxy.
    const BEHIND: &str = "OUTCROP_TEST_BEHIND_A_PROXY";

    /// The environment cannot be changed safely in a running process, so another one, this test
    /// alone, is started behind the proxy.
    #[test]
    fn proxies_of_the_environment_are_used() {
        if std::env::var_os(BEHIND).is_some() {
            return ask_from_behind();
        }
        let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", proxy.local_addr().unwrap());
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "providers::aws::transport::http::tests::proxies_of_the_environment_are_used",
            ])
            .env(BEHIND, "1")
            .env("HTTPS_PROXY", &address)
            .env("https_proxy", &address)
            .env("HTTP_PROXY", &address)
            .env("http_proxy", &address)
            .env_remove("NO_PROXY")
            .env_remove("no_proxy")
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let mut asked = Vec::new();
        while asked.len() < 2 {
            let (mut stream, _) = proxy.accept().unwrap();
            let mut line = String::new();
            BufReader::new(&stream).read_line(&mut line).unwrap();
            let _ = stream.write_all(
                b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            );
            asked.push(line.trim().to_owned());
        }
        assert!(child.wait().unwrap().success());
        asked.sort();
        assert_eq!(asked[0], "CONNECT sts.us-east-1.amazonaws.com:443 HTTP/1.1");
        assert_eq!(asked[1], "POST http://plain.test/ HTTP/1.1");
    }

    fn ask_from_behind() {
        let http = client(4, ProxyConfig::from_env()).unwrap();
        let ask = async |endpoint: Option<&str>| {
            let mut config = aws_sdk_sts::Config::builder()
                .behavior_version(aws_sdk_sts::config::BehaviorVersion::v2026_01_12())
                .region(aws_sdk_sts::config::Region::new("us-east-1"))
                .credentials_provider(aws_credential_types::Credentials::new(
                    "AKIA", "secret", None, None, "test",
                ))
                .retry_config(aws_config::retry::RetryConfig::disabled())
                .http_client(http.clone());
            config.set_endpoint_url(endpoint.map(str::to_owned));
            aws_sdk_sts::Client::from_conf(config.build()).get_caller_identity().send().await
        };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            ask(None).await.unwrap_err();
            ask(Some("http://plain.test")).await.unwrap_err();
        });
    }
}
