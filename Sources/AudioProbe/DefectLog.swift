import Recordings

/// Collects what is wrong, each with where and how much, in bounded space.
struct DefectLog: Sendable {
    /// How many of one kind are told one by one; the rest is counted.
    private static let toldOneByOne = 8

    private var entries: [Defect] = []
    private var counts: [DefectCode: Int] = [:]

    var isEmpty: Bool { entries.isEmpty }

    func has(_ code: DefectCode) -> Bool { counts[code] != nil }

    mutating func note(_ code: DefectCode, _ detail: @autoclosure () -> String) {
        let count = counts[code, default: 0] + 1
        counts[code] = count
        if count <= Self.toldOneByOne { entries.append(Defect(code, detail())) }
    }

    /// The defects in the order in which they were found, the uncounted rest of each kind last.
    var defects: [Defect] {
        var result = entries
        for code in DefectCode.allCases {
            guard let count = counts[code], count > Self.toldOneByOne else { continue }
            result.append(Defect(code, "and \(count - Self.toldOneByOne) more like these"))
        }
        return result
    }
}

/// `samples` at `rate` a second in milliseconds, rounded half up.
func milliseconds(samples: Int64, rate: Int) -> Int64 {
    guard rate > 0, samples > 0 else { return 0 }
    let rate = Int64(min(rate, 1 << 40))
    let (seconds, rest) = samples.quotientAndRemainder(dividingBy: rate)
    return seconds.multipliedClamping(by: 1000).addingClamping((rest * 2000 + rate) / (2 * rate))
}
