import ArchiveReader
import Testing

/// An archive that nobody means well with: how it is made, and what is to come of it.
struct HostileShape: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Python that makes `out`; see ``prelude``.
    let script: String
    /// A row a line, `name` or `name: reason`, in the order of the archive.
    let rows: [String]
    let state: ArchiveReport.State

    init(_ name: String, _ script: String, rows: [String], _ state: ArchiveReport.State = .complete) {
        testDescription = name
        self.script = script
        self.rows = rows
        self.state = state
    }

    /// What the scripts have at hand: `add(name, …)` for a tar, `put(name, …)` for a zip.
    static let prelude = """
        import tarfile, zipfile, io, os, struct, gzip, stat
        here = os.getcwd()
        t = tarfile.open("tar", "w", format=tarfile.PAX_FORMAT)
        def add(name, data=b"evil", type=tarfile.REGTYPE, link="", **fields):
            i = tarfile.TarInfo(name); i.type = type; i.linkname = link; i.mode = 0o6777
            i.size = len(data) if type == tarfile.REGTYPE else 0
            for key, value in fields.items(): setattr(i, key, value)
            t.addfile(i, io.BytesIO(data))
        def tar(): t.close(); os.rename("tar", "out")
        z = zipfile.ZipFile("zip", "w")
        def put(name, data=b"evil", mode=0, method=zipfile.ZIP_STORED):
            i = zipfile.ZipInfo("x"); i.filename = name; i.compress_type = method
            i.create_system = 3; i.external_attr = mode << 16
            z.writestr(i, data)
        def zip(): z.close(); os.rename("zip", "out")
        def write(data): open("out", "wb").write(data)
        """
}

extension HostileShape {
    static let names = [
        HostileShape(
            "traversal in a tar",
            "add('../../escaped'); add('a/../../../escaped'); add('good'); tar()",
            rows: ["../../escaped: rejected-member", "a/../../../escaped: rejected-member", "good"]
        ),
        HostileShape(
            "traversal in a zip",
            "put('../../escaped'); put('good'); zip()",
            rows: ["../../escaped: rejected-member", "good"]
        ),
        HostileShape(
            "absolute names in a tar",
            "add('/outside/canary'); add('//outside/canary'); tar()",
            rows: ["/outside/canary", "//outside/canary"]
        ),
        HostileShape(
            "absolute names in a zip",
            "put('/outside/canary'); put('C:/outside/canary'); zip()",
            rows: ["/outside/canary", "C:/outside/canary"]
        ),
        HostileShape(
            "backslashes in a tar",
            "add('..\\\\..\\\\escaped'); add('C:\\\\escaped'); tar()",
            rows: ["..\\..\\escaped: rejected-member", "C:\\escaped"]
        ),
        HostileShape(
            "backslashes in a zip",
            "put('..\\\\..\\\\escaped'); put('C:\\\\escaped'); zip()",
            rows: ["..\\..\\escaped: rejected-member", "C:\\escaped"]
        ),
        HostileShape(
            "duplicate and case-colliding names in a tar",
            "add('a', b'1'); add('A', b'2'); add('a', b'3'); tar()",
            rows: ["a", "A", "a"]
        ),
        HostileShape(
            "duplicate and case-colliding names in a zip",
            "put('a', b'1'); put('A', b'2'); put('a', b'3'); zip()",
            rows: ["a", "A", "a"]
        ),
        HostileShape(
            "newlines and control characters in a tar",
            "add('a\\nb'); add('a\\x1b[2Jb'); add('a\\rb'); tar()",
            rows: ["a\\x0ab", "a\\x1b[2Jb", "a\\x0db"]
        ),
        HostileShape(
            "newlines and control characters in a zip",
            "put('a\\nb'); put('a\\x1b[2Jb'); put('a\\x00b'); zip()",
            rows: ["a\\x0ab", "a\\x1b[2Jb", "a\\x00b"]
        ),
        HostileShape(
            "code page 437 and Shift-JIS in a tar",
            """
            t.close(); t = tarfile.open("tar", "w", format=tarfile.GNU_FORMAT, encoding="latin-1")
            add('gr\\x81n'); add('\\x82\\xa0'); tar()
            """,
            rows: ["gr\\x81n", "\\x82\\xa0"]
        ),
        HostileShape(
            "code page 437 and Shift-JIS in a zip",
            """
            put('gr1n'); put('22'); zip()
            write(open('out', 'rb').read().replace(b'gr1n', b'gr\\x81n').replace(b'22', b'\\x82\\xa0'))
            """,
            // Without the UTF-8 flag a zip's names are code page 437 (APPNOTE 6.3.10, appendix D).
            rows: ["grün", "éá"]
        ),
        HostileShape(
            "names over 255 bytes in a tar",
            "add('n' * 256); add('d/' * 200 + 'x'); tar()",
            rows: [String(repeating: "n", count: 256), String(repeating: "d/", count: 200) + "x"]
        ),
        HostileShape(
            "names over 255 bytes in a zip",
            "put('n' * 256); put('d/' * 200 + 'x'); zip()",
            rows: [String(repeating: "n", count: 256), String(repeating: "d/", count: 200) + "x"]
        ),
    ]

    static let kinds = [
        HostileShape(
            "a link, and a write through it, in a tar",
            "add('l', type=tarfile.SYMTYPE, link=here + '/outside'); add('l/canary'); tar()",
            rows: ["l: rejected-member", "l/canary"]
        ),
        HostileShape(
            "a link, and a write through it, in a zip",
            "put('l', (here + '/outside').encode(), 0o120777); put('l/canary'); zip()",
            rows: ["l: rejected-member", "l/canary"]
        ),
        HostileShape(
            "hard links outwards",
            "add('h', type=tarfile.LNKTYPE, link=here + '/outside/canary'); add('h');"
                + " add('up', type=tarfile.LNKTYPE, link='../outside/canary'); tar()",
            rows: ["h: rejected-member", "h", "up: rejected-member"]
        ),
        HostileShape(
            "devices and pipes in a tar",
            "add('c', type=tarfile.CHRTYPE, devmajor=1, devminor=3); add('b', type=tarfile.BLKTYPE, devmajor=8);"
                + " add('f', type=tarfile.FIFOTYPE); tar()",
            rows: ["c: rejected-member", "b: rejected-member", "f: rejected-member"]
        ),
        HostileShape(
            "devices, pipes and sockets in a zip",
            "put('c', b'', 0o020666); put('b', b'', 0o060666); put('f', b'', 0o010666); put('s', b'', 0o140666); zip()",
            rows: ["c: rejected-member", "b: rejected-member", "f: rejected-member", "s: rejected-member"]
        ),
        HostileShape(
            "set-uid files of another owner, with attributes",
            "add('root', mode=0o6755, uid=1234, pax_headers={'SCHILY.xattr.user.evil': '1'}); tar()",
            rows: ["root"]
        ),
        HostileShape("a member of no bytes in a tar", "add('none', b''); tar()", rows: ["none"]),
        HostileShape("a member of no bytes in a zip", "put('none', b''); zip()", rows: ["none"]),
        HostileShape(
            "an HTML page",
            "write(b'<!DOCTYPE html><title>Not found</title>')",
            rows: [],
            .unreadable
        ),
        HostileShape("an empty file", "write(b'')", rows: [], .unreadable),
    ]
}
