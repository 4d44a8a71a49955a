import Foundation
import Pipeline
import Synchronization

/// Shows how far a stage is: one line that renews itself on a terminal, a plain line every ten seconds elsewhere.
///
/// Nothing is shown of what takes less than a second.
final class ProgressLine: Sendable {
    private struct State {
        var key = ""
        var started = ContinuousClock.now
        var shown = ContinuousClock.now
        var isVisible = false
    }

    private let isTerminal: Bool
    private let state = Mutex(State())

    init(isTerminal: Bool) {
        self.isTerminal = isTerminal
    }

    func show(_ update: StageProgress.Update) {
        let subject = update.subject.isEmpty ? "" : " \(update.subject)"
        show(
            ProgressText(
                label: "\(update.day) \(update.stage.rawValue)\(subject)",
                done: update.done,
                total: update.total,
                unit: update.unit
            )
        )
    }

    func show(_ update: ProgressText) {
        state.withLock { state in
            let now = ContinuousClock.now
            let key = update.label
            if state.key != key {
                state.key = key
                state.started = now
                state.shown = now
            }
            let elapsed = now - state.started
            let pause: Duration = isTerminal ? (state.isVisible ? .milliseconds(200) : .seconds(1)) : .seconds(10)
            guard elapsed >= .seconds(1), now - state.shown >= pause else { return }
            state.shown = now
            let text = TerminalText.line(update.line(elapsedSeconds: elapsed / .seconds(1)))
            if isTerminal {
                // Carriage return, the line cut to 79 columns, erase to its end (ECMA-48, EL).
                write("\r\(text.prefix(79))\u{1B}[K")
                state.isVisible = true
            } else {
                write(text + "\n")
            }
        }
    }

    /// Takes the line away, so that something else can be written.
    func clear() {
        state.withLock { state in
            guard state.isVisible else { return }
            write("\r\u{1B}[K")
            state.isVisible = false
        }
    }

    private func write(_ text: String) {
        StandardStream.errors.write(Data(text.utf8))
    }
}

/// How far something is.
struct ProgressText {
    /// What it is that is going on.
    let label: String
    let done: Int64
    /// Nil where nobody can know.
    let total: Int64?
    let unit: StageProgress.Unit

    /// `2018-04-05 unpack outbound.tar.gz  612 MB of 1.2 GB  51%  298 MB/s  2 s left`.
    func line(elapsedSeconds: Double) -> String {
        var parts = [label]
        if done > 0 || total != nil {
            parts.append(total.map { "\(amount(done, withUnit: false)) of \(amount($0))" } ?? amount(done))
        }
        if let total, total > 0 { parts.append("\(min(100, done * 100 / total))%") }
        if done > 0, elapsedSeconds > 0 {
            let rate = Double(done) / elapsedSeconds
            parts.append("\(unit == .bytes ? amount(Int64(rate)) : String(format: "%.1f", rate))/s")
            if let total, total > done { parts.append("\(Self.duration(Double(total - done) / rate)) left") }
        }
        return parts.joined(separator: "  ")
    }

    private func amount(_ value: Int64, withUnit: Bool = true) -> String {
        switch unit {
        case .bytes: ByteText.of(value)
        case .recordings: withUnit ? "\(value) recordings" : "\(value)"
        }
    }

    private static func duration(_ seconds: Double) -> String {
        let whole = Int(min(seconds, 1e9).rounded(.up))
        return switch whole {
        case ..<90: "\(whole) s"
        case ..<5400: "\((whole + 59) / 60) min"
        default: "\(whole / 3600) h \(whole % 3600 / 60) min"
        }
    }
}

/// Byte counts as people read them, in powers of 1000.
enum ByteText {
    static func of(_ bytes: Int64) -> String {
        var value = Double(bytes)
        for unit in ["B", "kB", "MB", "GB"] {
            if value < 999.5 {
                return unit == "B" || value >= 99.5
                    ? String(format: "%.0f %@", value, unit) : String(format: "%.1f %@", value, unit)
            }
            value /= 1000
        }
        return String(format: "%.1f TB", value)
    }
}
