import AudioProbe
import Recordings
import Testing

@Suite("The formats that are read")
struct AudioFormatTests {
    @Test("Each has a container of its own, and its published extension is among its extensions")
    func containers() {
        let containers = AudioFormat.all.map(\.container)
        #expect(Set(containers).count == containers.count)
        for format in AudioFormat.all {
            #expect(AudioFormat.named(format.container)?.fileExtensions == format.fileExtensions)
            #expect(format.fileExtensions.contains(format.container))
            #expect(format.fileExtensions.isSubset(of: AudioFormat.allFileExtensions))
            #expect(format.mediaTypes.allSatisfy { $0 == $0.lowercased() && $0.contains("/") })
            #expect(!format.notChecked.isEmpty)
        }
    }

    @Test("Every intact file is found to be of a format that knows the ending of its name")
    func endings() throws {
        for file in try Corpus.shared.get().files {
            let found = findings(in: try file.bytes())
            let format = try #require(AudioFormat.named(found.audio?.container ?? "none"), "\(file.name)")
            let ending = try #require(file.name.split(separator: ".").last.map(String.init))
            #expect(format.fileExtensions.contains(ending), "\(file.name) is \(format.container)")
        }
    }

    @Test("Names of texts, images and archives promise no audio")
    func others() {
        for ending in ["txt", "csv", "json", "html", "pdf", "jpg", "zip", "gz", "tar", "xlsx", "db", "ini", "log"] {
            #expect(!AudioFormat.allFileExtensions.contains(ending))
        }
    }

    @Test(
        "A media type that stands for two formats fits both, and no third",
        arguments: [("aac", []), ("m4a", []), ("mp3", [.typeMismatch])] as [(String, [DefectCode])]
    )
    func shared(container: String, expected: [DefectCode]) {
        let found = AudioFindings(audio: AudioFacts(container: container, codec: "aac"))
        let declaration = Declaration(contentType: "audio/aac")
        #expect(declaration.compared(with: found, sizeBytes: 1).defects.map(\.code) == expected)
    }
}
