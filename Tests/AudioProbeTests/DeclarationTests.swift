import AudioProbe
import Recordings
import Testing

@Suite("What was declared against what was measured")
struct DeclarationTests {
    /// The vendor's published recording: 352,512 bytes that play 117,504 ms.
    private static let measured = AudioFindings(
        audio: AudioFacts(container: "mp3", codec: "mp3", sampleRateHz: 8000, durationMs: 117_504)
    )

    private static func compare(_ declaration: Declaration, _ findings: AudioFindings = measured) -> (
        declared: Recording.Declared?, codes: [DefectCode]
    ) {
        let (declared, defects) = declaration.compared(with: findings, sizeBytes: 352_512)
        return (declared, defects.map(\.code))
    }

    @Test("The vendor's sample agrees in type, duration and size")
    func sample() {
        let (declared, codes) = Self.compare(
            Declaration(contentType: "audio/mpeg", duration: 117_504, sizeBytes: 352_512)
        )
        #expect(codes == [])
        #expect(
            declared
                == Recording.Declared(
                    contentType: "audio/mpeg",
                    durationMs: 117_504,
                    durationUnit: .milliseconds,
                    sizeBytes: 352_512
                )
        )
    }

    @Test("A duration in seconds is read as such, and recorded with its unit", arguments: [117, 118])
    func seconds(number: Int64) {
        let (declared, codes) = Self.compare(Declaration(duration: number))
        #expect(codes == [])
        #expect(declared?.durationMs == number * 1000)
        #expect(declared?.durationUnit == .seconds)
    }

    @Test("A second or one in a hundred is near enough, more is not")
    func tolerance() {
        #expect(Self.compare(Declaration(duration: 117_504 + 1175)).codes == [])
        #expect(Self.compare(Declaration(duration: 117_504 + 1176)).codes == [.durationMismatch])
        let short = AudioFindings(audio: AudioFacts(container: "mp3", codec: "mp3", durationMs: 20_000))
        #expect(Self.compare(Declaration(duration: 19_000), short).codes == [])
        #expect(Self.compare(Declaration(duration: 18_999), short).codes == [.durationMismatch])
    }

    @Test("Where neither unit fits, the likelier one is recorded with the defect")
    func neither() {
        let inSeconds = Self.compare(Declaration(duration: 60))
        #expect(inSeconds.codes == [.durationMismatch])
        #expect(inSeconds.declared?.durationUnit == .seconds)
        let inMilliseconds = Self.compare(Declaration(duration: 300_000))
        #expect(inMilliseconds.codes == [.durationMismatch])
        #expect(inMilliseconds.declared?.durationUnit == .milliseconds)
    }

    @Test("The size is compared to the byte")
    func size() {
        #expect(Self.compare(Declaration(sizeBytes: 352_511)).codes == [.sizeMismatch])
    }

    @Test(
        "A content type is compared by family",
        arguments: [
            ("audio/mp3", false), ("Audio/MPEG; charset=binary", false), ("application/octet-stream", false),
            ("audio/x-wav", true), ("audio/ogg", true), ("text/html", true), ("", false),
        ]
    )
    func types(type: String, isMismatch: Bool) {
        #expect(Self.compare(Declaration(contentType: type)).codes == (isMismatch ? [.typeMismatch] : []))
    }

    @Test("Nothing declared is nothing to compare, and what was not measured is no disagreement")
    func nothing() {
        #expect(Self.compare(Declaration()).declared == nil)
        let rejected = AudioFindings(audio: nil, recognisedAs: "empty")
        #expect(Self.compare(Declaration(contentType: "audio/mpeg", duration: 5), rejected).codes == [])
    }

    @Test("Numbers at the edge of what fits are compared without harm", arguments: [Int64.max, .min, -1, 0])
    func extremes(number: Int64) {
        #expect(Self.compare(Declaration(duration: number)).codes == [.durationMismatch])
    }
}
