import Recordings
import TestSupport
import Testing

@Suite struct `A recording's id` {
    @Test func `is one, however the platform writes it`() {
        let written = ["0ED866C1-F8B4-4727-827D-AAAF7E7B098C", "0ed866c1f8b44727827daaaf7e7b098c"]
        #expect(Set(written.compactMap { RecordingID($0) }).count == 1)
        #expect(RecordingID(written[0])?.text == "0ed866c1f8b44727827daaaf7e7b098c")
    }

    @Test(arguments: [
        "", "-", "../../etc/passwd", "a/b", "a.b", "ä", "a b", "a\u{0}", String(repeating: "a", count: 65),
    ])
    func `cannot be what does not belong in a file name`(text: String) {
        #expect(RecordingID(text) == nil)
    }

    @Test func `made from bytes and name keeps its mark`() {
        let id = RecordingID(derivedFrom: Samples.digest(0xAB))
        #expect(id.text == "dlr-abababababababababababababababab")
        #expect(RecordingID(id.text) == id)
        #expect(id.isDerived)
    }
}
