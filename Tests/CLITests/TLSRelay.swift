import Foundation
import TestSupport

/// TLS in front of a plain server on loopback, as `https://localhost`, with a certificate of an authority that nobody
/// knows.
final class TLSRelay {
    let url: String
    /// The authority's certificate, PEM.
    let authority: String
    private let process = Process()
    private let output = Pipe()

    /// - Parameters:
    ///   - target: the plain server's URL, `http://127.0.0.1:PORT`.
    ///   - scratch: where keys and certificates go.
    init(to target: String, _ scratch: ScratchFolder) throws {
        authority = scratch.file("authority.pem")
        try scratch.write("subjectAltName=DNS:localhost\n", to: "extensions")
        try scratch.write(Self.program, to: "relay.py")
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        let made = try Program(
            "sh",
            [
                "-ec",
                """
                openssl req -x509 \(key) -keyout authority.key -out authority.pem -days 2 -subj '/CN=A private authority'
                openssl req \(key) -keyout server.key -out server.csr -subj '/CN=localhost'
                openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -out server.pem \
                    -days 2 -extfile extensions
                """,
            ],
            in: scratch.path
        )
        precondition(made.status == 0, made.errors)
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "relay.py", target.replacing("http://127.0.0.1:", with: "")]
        process.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte != Data("\n".utf8) { line += byte }
        url = "https://localhost:\(String(decoding: line, as: UTF8.self))"
    }

    deinit {
        // It may have inherited a mask that holds SIGTERM back.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private static let program = """
        import socket, ssl, sys, threading

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain("server.pem", "server.key")
        listener = socket.create_server(("127.0.0.1", 0))
        print(listener.getsockname()[1], flush=True)

        def pump(source, sink):
            try:
                while data := source.recv(65536):
                    sink.sendall(data)
            except OSError:
                pass
            for end in (source, sink):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

        def serve(plain):
            try:
                client = context.wrap_socket(plain, server_side=True)
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
            threading.Thread(target=pump, args=(server, client), daemon=True).start()
            pump(client, server)

        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
        """
}
