import Dispatch
import Foundation
package import Recordings

/// Time and chance, as the client takes them from outside: a test's clock does not tick by itself.
package protocol PlatformTime: Sendable {
    /// Names the machine's present run: values of ``uptime()`` under different names cannot be compared.
    var bootID: String { get }
    /// Nanoseconds on a clock that never jumps and that all processes of the machine share.
    func uptime() -> Int64
    /// What the calendar says.
    func now() -> Timestamp
    /// - Throws: `CancellationError`.
    func sleep(nanoseconds: Int64) async throws
    /// Evenly spread, at least 0 and below 1.
    func random() -> Double
}

/// The machine's own clocks.
package struct SystemTime: PlatformTime {
    package let bootID: String

    package init() {
        // proc(5): random/boot_id is made anew at each start of the kernel. Elsewhere the clock below starts at zero with
        // the machine too, and a value from before then is recognised by being out of range.
        let written = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        bootID = written.map(\.trimmingNewline) ?? "unknown"
    }

    package func uptime() -> Int64 {
        // CLOCK_MONOTONIC on Linux: the same in every process, and zero when the machine starts.
        Int64(clamping: DispatchTime.now().uptimeNanoseconds)
    }

    package func now() -> Timestamp {
        Timestamp(millisecondsSinceEpoch: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }

    package func sleep(nanoseconds: Int64) async throws {
        try await Task.sleep(for: .nanoseconds(max(0, nanoseconds)), tolerance: .zero)
    }

    package func random() -> Double { Double.random(in: 0..<1) }
}

extension String {
    fileprivate var trimmingNewline: String { String(prefix { !$0.isNewline }) }
}
