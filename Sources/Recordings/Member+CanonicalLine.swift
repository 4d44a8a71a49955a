// The keys are those that the compiler makes for `Codable`, sorted: a case of an enumeration is an object in the object.
extension Member: CanonicalLine {
    static func read(_ reader: inout CanonicalReader) -> Member? {
        reader.object { (reader, isFirst) throws(CanonicalReader.Mismatch) in
            guard let content = try reader.member(#""content":"#, &isFirst, { Content.read(&$0) }),
                let index = try reader.member(#""index":"#, &isFirst, { $0.integer() })
            else { return nil }
            let modified = try reader.member(#""modifiedAt":"#, &isFirst) {
                $0.string().flatMap { Timestamp(rfc3339: $0) }
            }
            guard let name = try reader.member(#""name":"#, &isFirst, { $0.string() }) else { return nil }
            let sha256 = try reader.member(#""sha256":"#, &isFirst) { $0.string().flatMap { Digest(hex: $0) } }
            guard let size = try reader.member(#""sizeBytes":"#, &isFirst, { $0.integer() }) else { return nil }
            return Member(
                index: Int(index),
                name: name,
                modifiedAt: modified,
                sizeBytes: size,
                sha256: sha256,
                content: content
            )
        }
    }

    func write(to writer: inout CanonicalWriter) {
        writer.object { line in
            line.key(#""content":"#)
            content.write(to: &line)
            line.member(#""index":"#, Int64(index))
            line.member(#""modifiedAt":"#, modifiedAt?.description)
            line.member(#""name":"#, name)
            line.member(#""sha256":"#, sha256?.hex)
            line.member(#""sizeBytes":"#, sizeBytes)
        }
    }
}

extension Member.Content {
    fileprivate static func read(_ reader: inout CanonicalReader) -> Self? {
        if reader.skip(#"{"file":{"_0":"#) {
            guard let findings = AudioFindings.read(&reader), reader.skip("}}") else { return nil }
            return .file(findings)
        }
        guard reader.skip(#"{"refused":{"_0":"#), let reason = reader.string().flatMap(Exception.Reason.init),
            reader.skip(#","detail":"#), let detail = reader.string(), reader.skip("}}")
        else { return nil }
        return .refused(reason, detail: detail)
    }

    fileprivate func write(to writer: inout CanonicalWriter) {
        writer.object { content in
            switch self {
            case .file(let findings):
                content.key(#""file":"#)
                content.object {
                    $0.key(#""_0":"#)
                    findings.write(to: &$0)
                }
            case .refused(let reason, let detail):
                content.key(#""refused":"#)
                content.object {
                    $0.member(#""_0":"#, reason.rawValue)
                    $0.member(#""detail":"#, detail)
                }
            }
        }
    }
}

extension AudioFindings {
    fileprivate static func read(_ reader: inout CanonicalReader) -> Self? {
        reader.object { (reader, isFirst) throws(CanonicalReader.Mismatch) in
            let audio = try reader.member(#""audio":"#, &isFirst) { AudioFacts.read(&$0) }
            guard
                let defects = try reader.member(#""defects":"#, &isFirst, { $0.array { Defect.read(&$0) } })
            else { return nil }
            let kind = try reader.member(#""kind":"#, &isFirst) { $0.string().flatMap { Kind(rawValue: $0) } }
            let name = try reader.member(#""recognised_as":"#, &isFirst) { $0.string() }
            return AudioFindings(audio: audio, recognisedAs: name, defects: defects, kind: kind)
        }
    }

    fileprivate func write(to writer: inout CanonicalWriter) {
        writer.object {
            if let audio {
                $0.key(#""audio":"#)
                audio.write(to: &$0)
            }
            $0.key(#""defects":"#)
            $0.array(defects) { $1.write(to: &$0) }
            $0.member(#""kind":"#, recordedKind?.rawValue)
            $0.member(#""recognised_as":"#, recognisedAs)
        }
    }
}
