package import Foundation
package import Logging
package import Recordings

/// The babelforce platform, as far as recordings and what belongs to them go.
///
/// Every request keeps the account's pace; audio is requested one file at a time. Credentials go to ``baseURL``'s own
/// host only.
package struct PlatformClient: Sendable {
    /// Scheme and host, with a path in front of `/api` where there is one, without a slash at its end.
    package let baseURL: URL
    let exchange: Exchange
    let pace: AccountPace
    let throttle: Throttle?
    let pageSize: Int

    /// - Parameters:
    ///   - pageSize: items a page, 1 to 1000.
    ///   - bandwidth: bounds what audio takes.
    /// - Throws: `Failure` with code `configuration` when the address cannot be used: it is no web address, or it is not
    ///   encrypted and on another machine.
    package init(
        baseURL: URL,
        credentials: Credentials,
        transport: any HTTPTransport,
        pace: AccountPace,
        retry: RetryPolicy = RetryPolicy(),
        time: any PlatformTime = SystemTime(),
        pageSize: Int = 100,
        bandwidth: BandwidthLimit? = nil,
        log: Logger = Logger(label: "platform") { _ in SwiftLogNoOpLogHandler() }
    ) throws {
        guard let origin = WebOrigin(baseURL), baseURL.user == nil, baseURL.query == nil, baseURL.fragment == nil else {
            throw Failure(
                .configuration,
                "api.base_url is no address of a platform",
                advice: "Give it as https://services.babelforce.com, with the region's own host name"
            )
        }
        guard origin.isEncrypted || origin.isLoopback else {
            throw Failure(
                .configuration,
                "api.base_url would send credentials in the clear to \(origin.host)",
                advice: "Use https"
            )
        }
        self.baseURL = Self.trimmed(baseURL)
        self.pace = pace
        self.pageSize = min(max(1, pageSize), 1000)
        self.throttle = bandwidth.map { Throttle($0, time: time) }
        let signIn = SignIn(
            credentials: credentials,
            address: Self.address("/oauth/token", [], under: self.baseURL),
            transport: transport,
            pace: pace,
            policy: retry,
            time: time,
            log: log
        )
        exchange = Exchange(
            transport: transport,
            authority: Authority(origin: origin, headers: .account(signIn)),
            pace: pace,
            policy: retry,
            time: time,
            log: log,
            named: NamedHosts([baseURL])
        )
    }

    private static func trimmed(_ url: URL) -> URL {
        var text = url.absoluteString
        while text.hasSuffix("/") { text.removeLast() }
        return URL(string: text) ?? url
    }

    private static func address(_ path: String, _ query: [(String, String)], under base: URL) -> URL {
        let text = base.absoluteString + path + (query.isEmpty ? "" : "?" + formEncoded(query))
        return URL(string: text) ?? base
    }

    func address(_ path: String, _ query: [(String, String)] = []) -> URL {
        Self.address(path, query, under: baseURL)
    }
}

extension PlatformClient {
    /// The recordings that the platform lists in an interval, whatever their state.
    ///
    /// `filters.state` is left out, so that what is not stored yet is seen too; `filters.time.start` and
    /// `filters.time.end` are Unix seconds (help centre). They may be inclusive at both ends or ignored, so what lies
    /// outside is dropped and counted here.
    ///
    /// - Parameter progress: items read, of those that the server counts.
    /// - Throws: `Failure` with code `credentials`, `unreachable` or `badAnswer`.
    package func recordings(in interval: Range<Timestamp>, progress: Progress = .none) async throws -> Listing {
        let filters = [
            ("filters.time.start", String(interval.lowerBound.secondsSinceEpoch)),
            ("filters.time.end", String(interval.upperBound.secondsSinceEpoch)),
        ]
        do {
            return try await list(
                "/api/v2/recordings",
                filters,
                in: interval,
                progress: progress,
                read: ListedRecording.read
            )
        } catch let refusal as Refused {
            throw refusal.failure
        }
    }
}
