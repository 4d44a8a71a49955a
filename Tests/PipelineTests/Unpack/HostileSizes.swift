import ArchiveReader

extension HostileShape {
    /// Limits of ``HostileTests``: 64 MiB in all, 8 MiB a member, a ratio of 200 beyond 4 MiB, one level.
    static let bombs = [
        HostileShape(
            "a ratio of a thousand in a zip",
            "put('good'); put('bomb', bytes(7 << 20), method=zipfile.ZIP_DEFLATED); zip()",
            rows: ["good"],
            .partial
        ),
        HostileShape(
            "a ratio of a thousand in a tar.gz",
            "add('good'); add('bomb', bytes(7 << 20)); tar(); write(gzip.compress(open('out', 'rb').read()))",
            rows: ["good"],
            .partial
        ),
        HostileShape(
            "a zip in a zip in a zip",
            """
            def zipped(name, data):
                b = io.BytesIO(); y = zipfile.ZipFile(b, 'w', zipfile.ZIP_DEFLATED); y.writestr(name, data); y.close()
                return b.getvalue()
            put('1.zip', zipped('2.zip', zipped('bomb', bytes(1 << 20)))); put('good'); zip()
            """,
            rows: ["1.zip//2.zip: rejected-member", "good"],
            .partial
        ),
        HostileShape(
            "ten zips of which each holds a bomb",
            """
            for n in range(10):
                b = io.BytesIO(); y = zipfile.ZipFile(b, 'w'); y.writestr(f'{n}', os.urandom(7 << 20)); y.close()
                put(f'{n}.zip', b.getvalue())
            zip()
            """,
            rows: ["0.zip//0", "1.zip//1", "2.zip//2", "3.zip//3"],
            .partial
        ),
        HostileShape(
            "entries of a zip that overlap",
            """
            put('a', b'x' * 900); zip(); whole = open('out', 'rb').read()
            place = whole.index(b'PK\\x01\\x02'); end = whole.index(b'PK\\x05\\x06'); entry = whole[place:end]
            more = b''.join(entry[:46] + bytes([0x62 + n]) + entry[47:] for n in range(3))
            tail = struct.pack('<4s4xHHIIH', b'PK\\x05\\x06', 4, 4, len(entry + more), place, 0)
            write(whole[:place] + entry + more + tail)
            """,
            rows: ["a", "b: rejected-member", "c: rejected-member", "d: rejected-member"],
            .partial
        ),
        HostileShape(
            "a sparse file of a terabyte",
            """
            open('good', 'w').write('evil'); os.truncate(os.open('vast', os.O_CREAT | os.O_RDWR), 1 << 40)
            os.system('tar -S --format=gnu -cf out good vast'); os.remove('vast'); os.remove('good')
            """,
            rows: ["good", "vast: rejected-member"],
            .partial
        ),
        HostileShape(
            "a pax header of a megabyte",
            "add('good'); add('x', pax_headers={'comment': 'c' * (1 << 20)}); add('after'); tar()",
            rows: ["good", "x", "after"],
            .partial
        ),
        HostileShape(
            "a name of a megabyte",
            "add('good'); add('n' * (1 << 20)); add('after'); tar()",
            rows: ["good"],
            .partial
        ),
    ]

    static let lies = [
        HostileShape(
            "a size of eight exabytes in a tar",
            """
            add('good'); t.close(); head = bytearray(open('tar', 'rb').read()[:512]); head[:4] = b'huge'
            head[124:136] = b'\\x80\\0\\0\\0\\x7f' + b'\\xff' * 7; head[148:156] = b' ' * 8
            head[148:156] = b'%06o\\0 ' % sum(head); write(open('tar', 'rb').read()[:1024] + head + bytes(1024))
            """,
            rows: ["good"],
            .partial
        ),
        HostileShape(
            "a negative size in a tar",
            """
            add('good'); t.close(); head = bytearray(open('tar', 'rb').read()[:512]); head[:4] = b'less'
            head[124:136] = b'\\xff' * 12; head[148:156] = b' ' * 8
            head[148:156] = b'%06o\\0 ' % sum(head); write(open('tar', 'rb').read()[:1024] + head + bytes(1024))
            """,
            rows: ["good"],
            .partial
        ),
        HostileShape(
            "a size in a zip that neither header has right",
            """
            put('good'); put('huge', b'y' * 10); zip(); whole = bytearray(open('out', 'rb').read())
            local = whole.index(b'PK\\x03\\x04', 4); central = whole.rindex(b'PK\\x01\\x02')
            whole[local + 22:local + 26] = whole[central + 24:central + 28] = b'\\xfe\\xff\\xff\\x7f'; write(whole)
            """,
            rows: ["good", "huge: rejected-member"],
            .partial
        ),
        HostileShape(
            "a local header that gives another size than the directory",
            """
            put('good'); put('b', b'y' * 10); zip(); whole = bytearray(open('out', 'rb').read())
            local = whole.index(b'PK\\x03\\x04', 4); whole[local + 22:local + 26] = b'\\x05\\0\\0\\0'; write(whole)
            """,
            rows: ["good", "b"],
            .partial
        ),
        HostileShape(
            "a zip with two directories",
            """
            put('a', b'1'); put('b', b'2'); zip(); whole = open('out', 'rb').read()
            place = whole.index(b'PK\\x01\\x02'); end = whole.index(b'PK\\x05\\x06'); second = whole.rindex(b'PK\\x01\\x02')
            fake = whole[second:end]
            fake += struct.pack('<4s4xHHIIH', b'PK\\x05\\x06', 1, 1, len(fake), len(whole), 0)
            write(whole[:-2] + struct.pack('<H', len(fake)) + fake)
            """,
            rows: ["b", "a"],
            .partial
        ),
        HostileShape(
            "two tars glued together",
            "add('a', b'1'); add('b', b'2'); tar(); one = open('out', 'rb').read(); write(one + one)",
            rows: ["a", "b", "a", "b"]
        ),
        HostileShape(
            "two tars glued together, of which the second begins with a damaged header",
            "add('a', b'1'); tar(); one = open('out', 'rb').read(); write(one + one.replace(b'a', b'b', 1))",
            rows: ["a"],
            .partial
        ),
        HostileShape(
            "a tar with a zero block in the middle",
            "add('a', b'1'); add('b', b'2'); tar(); w = open('out', 'rb').read(); write(w[:1024] + bytes(512) + w[1024:])",
            rows: ["a", "b"]
        ),
        HostileShape(
            "a tar without its end",
            "add('a', b'1'); add('b', b'2'); tar(); write(open('out', 'rb').read()[:2048])",
            rows: ["a", "b"],
            .partial
        ),
    ]
}
