package import Recordings

/// What a source declared of a recording before anyone looked at it.
package struct Declaration: Hashable, Sendable {
    /// A media type, with or without parameters.
    package var contentType: String?
    /// The number as given. Sources that share an interface are not at one on whether it is milliseconds or seconds.
    package var duration: Int64?
    package var sizeBytes: Int64?

    package init(contentType: String? = nil, duration: Int64? = nil, sizeBytes: Int64? = nil) {
        self.contentType = contentType
        self.duration = duration
        self.sizeBytes = sizeBytes
    }

    /// Compares what was declared with what was measured: the size to the byte, the duration within a second or one in a
    /// hundred, whichever is more, the content type by family.
    ///
    /// - Parameter sizeBytes: the size of the file that `findings` are about.
    /// - Returns: what was declared as the manifest writes it, nil when that is nothing, and where it disagrees. What
    ///   cannot be compared, because nothing was measured, is no disagreement.
    package func compared(
        with findings: AudioFindings,
        sizeBytes measuredSize: Int64
    ) -> (declared: Recording.Declared?, defects: [Defect]) {
        guard contentType != nil || duration != nil || sizeBytes != nil else { return (nil, []) }
        var declared = Recording.Declared(contentType: contentType, sizeBytes: sizeBytes)
        var defects: [Defect] = []
        if let sizeBytes, sizeBytes != measuredSize {
            defects.append(Defect(.sizeMismatch, "declared \(sizeBytes) bytes, the file has \(measuredSize)"))
        }
        if let duration {
            let reading = Self.read(duration, measured: findings.audio?.durationMs)
            declared.durationMs = reading.milliseconds
            declared.durationUnit = reading.unit
            if let measured = findings.audio?.durationMs, !reading.agrees {
                let detail = "declared \(duration), the audio plays \(measured) ms"
                defects.append(Defect(.durationMismatch, detail))
            }
        }
        if let contentType, let audio = findings.audio, let family = ContentFamily(contentType),
            !family.includes(container: audio.container)
        {
            let detail = "declared \(contentType), the bytes are \(audio.container) (\(audio.codec))"
            defects.append(Defect(.typeMismatch, detail))
        }
        return (declared, defects)
    }

    /// What a declared number says in milliseconds.
    private struct Reading {
        var milliseconds: Int64
        /// nil when the audio does not tell.
        var unit: Recording.DurationUnit?
        var agrees: Bool
    }

    /// Takes the unit with which the number comes closer to what the audio plays.
    private static func read(_ number: Int64, measured: Int64?) -> Reading {
        guard let measured else { return Reading(milliseconds: number, unit: nil, agrees: false) }
        let tolerance = UInt64(max(1000, measured / 100))
        let (inSeconds, overflows) = number.multipliedReportingOverflow(by: 1000)
        let asMilliseconds = distance(number, measured)
        let asSeconds = overflows ? UInt64.max : distance(inSeconds, measured)
        // Where neither fits, a factor tells more than a distance: of 60 declared and 100,000 ms played, seconds.
        let isMilliseconds =
            min(asMilliseconds, asSeconds) <= tolerance
            ? asMilliseconds <= asSeconds
            : factor(number, measured) <= factor(inSeconds, measured) || overflows
        return isMilliseconds
            ? Reading(milliseconds: number, unit: .milliseconds, agrees: asMilliseconds <= tolerance)
            : Reading(milliseconds: inSeconds, unit: .seconds, agrees: asSeconds <= tolerance)
    }

    /// By how much the larger number is the larger one.
    private static func factor(_ left: Int64, _ right: Int64) -> Double {
        guard left > 0, right > 0 else { return .infinity }
        return Double(max(left, right)) / Double(min(left, right))
    }

    private static func distance(_ left: Int64, _ right: Int64) -> UInt64 {
        left > right ? UInt64(bitPattern: left &- right) : UInt64(bitPattern: right &- left)
    }
}

/// What a media type says of a file's container.
enum ContentFamily: Equatable {
    /// One of these formats.
    case audio(containers: Set<String>)
    /// Something that is no recording at all.
    case other

    private static let containers: [String: Set<String>] = AudioFormat.all.reduce(into: [:]) { containers, format in
        for type in format.mediaTypes { containers[type, default: []].insert(format.container) }
    }
    private static let others = [
        "text/", "image/", "video/", "application/json", "application/xml", "application/pdf", "application/zip",
    ]

    /// Returns nil for a type that says nothing about the container: `application/octet-stream`, or one that is not known.
    init?(_ contentType: String) {
        let type = contentType.prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
        if let containers = Self.containers[type] {
            self = .audio(containers: containers)
        } else if Self.others.contains(where: { type.hasPrefix($0) }) {
            self = .other
        } else {
            return nil
        }
    }

    func includes(container: String) -> Bool {
        if case .audio(let containers) = self { containers.contains(container) } else { false }
    }
}
