import Testing

@testable import Platform

/// The digests are those that coreutils' `sha256sum`, `sha1sum`, `md5sum` and `sha256sum --tag` print for a file that
/// holds the three bytes `abc`, which are FIPS 180-4's and RFC 1321's examples too.
@Suite("Checksum files and digest fields")
struct DigestTests {
    private let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    private let sha1 = "a9993e364706816aba3e25717850c26c9cd0d89d"
    private let md5 = "900150983cd24fb0d6963f7d28e17f72"

    @Test("sha256sum's, sha1sum's and md5sum's lines are read")
    func coreutils() {
        #expect(ChecksumFile("\(sha256)  abc.zip\n").digest(of: "abc.zip")?.hex == sha256)
        #expect(ChecksumFile("\(sha1) *abc.zip\n").digest(of: "abc.zip")?.algorithm == .sha1)
        #expect(ChecksumFile("\(md5)  ./out/abc.zip\r\n").digest(of: "abc.zip")?.algorithm == .md5)
    }

    @Test("BSD's lines are read")
    func bsd() {
        #expect(ChecksumFile("SHA256 (abc.zip) = \(sha256)").digest(of: "abc.zip")?.hex == sha256)
        #expect(ChecksumFile("MD5 (a (1).zip) = \(md5)").digest(of: "a (1).zip")?.hex == md5)
        #expect(ChecksumFile("SHA1 (abc.zip) = \(md5)").digest(of: "abc.zip") == nil)
    }

    @Test("a digest alone, in capitals, is of the file that is asked for")
    func alone() {
        #expect(ChecksumFile("\(sha256.uppercased())\n").digest(of: "anything")?.hex == sha256)
    }

    @Test("of many lines the one with the name counts, and without it none")
    func many() {
        let file = ChecksumFile(
            "# made by hand\n\(sha256)  a.zip\n\(sha256.reversed().map(String.init).joined())  b.zip\n"
        )
        #expect(file.digest(of: "a.zip")?.hex == sha256)
        #expect(file.digest(of: "c.zip") == nil)
    }

    @Test("coreutils' escaped names are read")
    func escaped() {
        #expect(ChecksumFile("\\\(md5)  a\\\\b\\nc.zip").digest(of: "a\\b\nc.zip")?.hex == md5)
    }

    @Test("a web page is no file of checksums")
    func page() {
        #expect(ChecksumFile("<html><body>dead beef</body></html>").entries.isEmpty)
    }

    /// The base64 forms are `printf abc | openssl dgst -sha256 -binary | base64` and the like.
    @Test("the server's digest fields are read in the forms of RFC 9530, RFC 3230 and RFC 1864")
    func fields() {
        let headers: HeaderFields = [
            "Repr-Digest": "sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:, unixsum=:AAAA:",
            "Digest": "md5=kAFQmDzST7DWlj99KOF/cg==,sha=qZk+NkcGgWq6PiVxeFDCbJzQ2J0=",
            "Content-MD5": "kAFQmDzST7DWlj99KOF/cg==",
        ]
        let whole = ExpectedDigest.read(headers, status: 200)
        #expect(whole.map(\.hex) == [sha256, md5, sha1, md5])
        #expect(ExpectedDigest.read(headers, status: 206).map(\.hex) == [sha256, md5, sha1])
    }

    @Test("a field that is no digest is passed over")
    func wrongFields() {
        #expect(ExpectedDigest.read(["Digest": "sha-256=abc", "Content-MD5": "?"], status: 200).isEmpty)
    }
}
