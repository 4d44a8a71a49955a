import ArgumentParser
import Foundation
import Logging
import Pipeline
import Recordings
import Settings

/// What every command that works on a vault takes.
struct VaultOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The vault, in place of the configuration's.", valueName: "dir"))
    var vault: String?

    @Option(help: "How much is logged.")
    var logLevel = LogLevel.notice

    @Option(help: "How it is logged.")
    var logFormat: LogFormat = .text

    @Flag(inversion: .prefixedNo, help: "Show how far the work is, on stderr.")
    var progress = true

    /// Reads the configuration with these options in the place of what it says.
    ///
    /// - Parameter overrides: values of further flags by the configuration's key.
    func load(_ overrides: [String: String] = [:]) throws -> LoadedConfiguration {
        var flags = overrides
        if let vault { flags["vault"] = vault }
        return try Configuration.load(
            ConfigurationRequest(
                file: config,
                environment: ProcessInfo.processInfo.environment,
                currentDirectory: FileManager.default.currentDirectoryPath,
                flags: flags
            )
        )
    }

    var console: Console {
        Console(logLevel: logLevel.loggerLevel, logFormat: logFormat, showsProgress: progress)
    }
}

/// What every command that talks to a source takes.
struct RunOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Requests a second to the platform, at most.", valueName: "n"))
    var tpslimit: String?

    @Option(
        help: ArgumentHelp(
            "Bytes a second as rclone writes them: 10M (of 1024), or a timetable: \"08:00,512k 19:00,off\".",
            valueName: "rate"
        )
    )
    var bwlimit: String?

    @Option(help: ArgumentHelp("How often a request is tried again.", valueName: "n"))
    var retries = 2

    @Option(help: ArgumentHelp("The longest wait that the platform may ask for; then 75.", valueName: "duration"))
    var maxWait = Wait(seconds: 300)

    @Option(help: ArgumentHelp("How long to wait for a day that another run holds.", valueName: "duration"))
    var lockWait = Wait(seconds: 0)

    @Flag(help: "Fetch audio from the API again that the vault has.")
    var refetch = false

    @Flag(name: [.customShort("n"), .long], help: "Print what would be done, and do nothing.")
    var dryRun = false

    /// The values that stand in the place of the configuration's.
    var overrides: [String: String] {
        var flags: [String: String] = [:]
        if let tpslimit { flags["api.tpslimit"] = tpslimit }
        return flags
    }

    mutating func validate() throws {
        guard (0...20).contains(retries) else { throw ValidationError("--retries takes 0 to 20.") }
    }
}

/// A duration as people write it: `90`, `30s`, `10m`, `1h30m`.
struct Wait: ExpressibleByArgument {
    let seconds: Double

    init(seconds: Double) {
        self.seconds = seconds
    }

    init?(argument: String) {
        let seconds = Double(argument) ?? Quantity.duration(argument).map { Double($0) / 1000 }
        guard let seconds, (0...Self.longest).contains(seconds) else { return nil }
        self.init(seconds: seconds)
    }

    /// A year, in seconds.
    private static let longest = 366.0 * 86_400

    var defaultValueDescription: String { "\(Int(seconds))s" }
}

/// The days a command is for.
struct DayOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("YYYY-MM-DD from 2010-01-01 on, today or yesterday.", valueName: "day"))
    var days: [String] = []

    @Option(help: ArgumentHelp("The first day of a range.", valueName: "day"))
    var from: String?

    @Option(help: ArgumentHelp("The last day of a range, inclusive.", valueName: "day"))
    var to: String?

    /// - Throws: `Failure` with code `usage` when a day cannot have recordings. Of a range, days that do not exist in the
    ///   account's zone are left out.
    func resolved(_ bounds: DayBounds) throws -> [Day] {
        var result = try days.map { try Self.day($0, bounds) }
        if from != nil || to != nil {
            guard let from, let to else {
                throw Failure(.usage, "--from and --to go together", advice: "Give both days of the range")
            }
            let (first, last) = (try Self.day(from, bounds), try Self.day(to, bounds))
            guard first <= last else { throw Failure(.usage, "--from \(first) is after --to \(last)") }
            result += (first.daysSinceEpoch...last.daysSinceEpoch).map { Day(daysSinceEpoch: $0) }
                .filter(bounds.exists)
        }
        var seen: Set<Day> = []
        return result.filter { seen.insert($0).inserted }
    }

    /// - Throws: `Failure` with code `usage` when it is not a day that can have recordings.
    static func day(_ text: String, _ bounds: DayBounds) throws -> Day {
        let day = try day(text, bounds.today)
        try bounds.check(day)
        return day
    }

    static func day(_ text: String, _ today: Day) throws -> Day {
        switch text {
        case "today": return today
        case "yesterday": return today.advanced(by: -1)
        default:
            guard let day = Day(text) else {
                throw Failure(
                    .usage,
                    "\"\(text)\" is not a date",
                    advice: "Write it as YYYY-MM-DD, or today, or yesterday"
                )
            }
            return day
        }
    }
}

/// How much the log says, from everything to nearly nothing.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case trace, debug, info, notice, warning, error, critical

    var loggerLevel: Logger.Level {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }
}

extension DayOptions {
    /// The days by a calendar of any zone, for who only looks.
    func resolved(today: Day) throws -> [Day] {
        try resolved(DayBounds(today: today, zone: .gmt))
    }
}
