import Foundation
import FoundationNetworking
import Testing

/// The figures that `roost schedule` gives away for as long as it runs.
@Suite struct ScheduleMetricsTests {
  private static let succeeded =
    #"roost_run_state{pipeline="users",environment="",state="succeeded"} 1"#

  /// A project with a run that was due at midnight in Shanghai and is not made yet.
  private func withDueUsers(_ body: (TestProject) async throws -> Void) async throws {
    try await withProject { project in
      try await project.setUpUsers()
      let file = project.folder.appending(component: "users.yaml")
      let text = try String(contentsOf: file, encoding: .utf8)
      try project.write(
        "users.yaml",
        text.replacing("stages:", with: "schedule: { cron: \"0 0 * * *\" }\nstages:"))
      var project = project
      project.environment["ROOST_STATE_DIR"] = project.folder.appending(component: "state").path
      #expect(try await project.program.run("schedule", "--once").status == 0)
      try await project.sql(
        """
        UPDATE roost.schedules SET considered_until = now() - interval '1 day',
          looked_at = now() - interval '1 day'
        """)
      try await body(project)
    }
  }

  /// The address of which a program under way has told.
  private func address(_ running: Program.Running) async throws -> URL {
    let text = try await found("the address") {
      running.errorsSoFar.firstMatch(of: /metrics at (http:\S+)/).map { String($0.1) }
    }
    return try #require(URL(string: text))
  }

  private func ask(
    _ url: URL, method: String = "GET"
  ) async throws -> (status: Int, type: String?, text: String, allow: String?) {
    var request = URLRequest(url: url)
    request.httpMethod = method
    let (data, response) = try await URLSession.shared.data(for: request)
    let answer = try #require(response as? HTTPURLResponse)
    return (
      answer.statusCode, answer.value(forHTTPHeaderField: "Content-Type"),
      String(decoding: data, as: UTF8.self), answer.value(forHTTPHeaderField: "Allow")
    )
  }

  @Test func `the file is written after a run, and the port answers`() async throws {
    try await withDueUsers { project in
      let file = project.folder.appending(component: "roost.prom")
      let running = try project.program.start([
        "schedule", "--metrics-file", file.path, "--metrics-port", "0",
      ])
      let url = try await address(running)
      let written = try await found("the run") { () -> String? in
        let text = try? String(contentsOf: file, encoding: .utf8)
        return text?.contains(Self.succeeded) == true ? text : nil
      }
      let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
      #expect(attributes[.posixPermissions] as? Int == 0o644)
      let printed = try await project.program.run("metrics").output
      #expect(written.contains("roost_runs{"))
      let answer = try await ask(url)
      #expect(answer.status == 200)
      #expect(answer.type == "text/plain; version=0.0.4")
      #expect(answer.text == printed)

      #expect(try await ask(url.deletingLastPathComponent()).status == 404)
      let posted = try await ask(url, method: "POST")
      #expect(posted.status == 405 && posted.allow == "GET, HEAD")
      #expect(try await ask(url.deletingLastPathComponent(), method: "POST").status == 404)

      let port = try #require(url.port)
      let second = try await project.program.run("schedule", "--metrics-port", "\(port)")
      #expect(second.status == 1)
      #expect(
        second.errors.contains("metrics cannot be served at 127.0.0.1:\(port): "),
        "\(second.errors)")
      // It has not begun.
      #expect(!second.errors.contains("users:"), "\(second.errors)")

      // Nobody can connect any more; sessions that are open stay.
      func allow(_ isAllowed: Bool) async throws {
        try await project.sql(
          "UPDATE pg_database SET datallowconn = \(isAllowed) WHERE datname = current_database()")
      }
      try await allow(false)
      let away = try await ask(url)
      #expect(away.status == 503)
      #expect(away.text == "the state database does not answer\n")
      try await allow(true)
      #expect(try await ask(url).status == 200)

      kill(running.processIdentifier, SIGTERM)
      #expect(try await running.result().status == 0)
    }
  }

  /// A connection to a port of this machine that sends bytes and waits for nothing.
  private func send(_ bytes: [UInt8], to port: Int) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    try #require(isConnected)
    // The other side may have closed it already.
    _ = bytes.withUnsafeBytes {
      Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
    }
    return descriptor
  }

  /// All that comes until the other side closes.
  private func answer(_ descriptor: Int32) async -> String {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
          let count = recv(descriptor, &buffer, buffer.count, 0)
          if count <= 0 { break }
          text += buffer[..<count]
        }
        continuation.resume(returning: String(decoding: text, as: UTF8.self))
      }
    }
  }

  @Test func `whoever besieges the port stops neither runs nor signals nor answers`() async throws {
    try await withDueUsers { project in
      // It is due only when the siege has begun.
      try await project.sql(
        "UPDATE roost.schedules SET considered_until = now(), looked_at = now()")
      let before = try await project.count("roost.runs")
      let running = try project.program.start(["schedule", "--metrics-port", "0"])
      let url = try await address(running)
      let port = try #require(url.port)
      let line = Array("GET /".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 2_000_000)
      var open: [Int32] = []
      for _ in 0..<20 {
        open.append(try send(line, to: port))
        open.append(try send(Array("GET /metrics HTTP/1.1\r\nHost: a\r\n".utf8), to: port))
        open.append(try send([], to: port))
      }
      defer { for descriptor in open { close(descriptor) } }
      #expect(try await ask(url).status == 200)
      #expect(try await ask(url, method: "HEAD").status == 200)
      let refused = await answer(try send(line, to: port))
      #expect(refused.hasPrefix("HTTP/1.1 431 ") || refused.isEmpty, "\(refused.prefix(200))")
      let wrong = await answer(try send(Array("hello\r\n\r\n".utf8), to: port))
      #expect(wrong.hasPrefix("HTTP/1.1 400 "), "\(wrong)")
      let head = await answer(try send(Array("HEAD /metrics HTTP/1.0\r\n\r\n".utf8), to: port))
      #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(head)")
      #expect(head.hasSuffix("\r\n\r\n"), "\(head)")
      // Half a request does not stay.
      _ = await answer(open[1])
      try await project.sql(
        """
        UPDATE roost.schedules SET considered_until = now() - interval '1 day',
          looked_at = now() - interval '1 day'
        """)
      try await project.wait(
        for: "(SELECT count(*) FROM roost.runs WHERE state = 'succeeded') > \(before)")
      kill(running.processIdentifier, SIGTERM)
      #expect(try await running.result().status == 0)
    }
  }

  @Test func `figures are written through links, pipes and devices`() async throws {
    try await withDueUsers { project in
      try await project.run("users.yaml")
      let folder = project.folder.path
      #expect(mkdir(folder + "/real", 0o755) == 0)
      #expect(symlink("real/roost.prom", folder + "/link.prom") == 0)
      func mode(_ path: String) -> mode_t {
        var status = stat()
        return lstat(folder + "/" + path, &status) == 0 ? status.st_mode & S_IFMT : 0
      }
      for _ in 0..<2 {
        let linked = try await project.program.run("metrics", "--output", "link.prom")
        #expect(linked.status == 0, "\(linked.errors)")
      }
      #expect(mode("link.prom") == S_IFLNK)
      #expect(mode("real/roost.prom") == S_IFREG)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder + "/real") == ["roost.prom"])

      #expect(mkfifo(folder + "/pipe", 0o600) == 0)
      let unread = try await project.program.run("metrics", "--output", "pipe")
      #expect(unread.status == 1)
      #expect(unread.errors.contains("pipe cannot be written: nobody reads it"), "\(unread.errors)")
      var program = project.program
      program.starter = [
        "/bin/bash", "-c",
        #"exec 3<>pipe; "$0" "$@" || exit; head -c 100 <&3 > read"#,
      ]
      let read = try await program.run("metrics", "--output", "pipe")
      #expect(read.status == 0, "\(read.errors)")
      #expect(mode("pipe") == S_IFIFO)
      let text = try String(contentsOf: project.folder.appending(path: "read"), encoding: .utf8)
      #expect(text.contains("# HELP roost_"))

      #expect(try await project.program.run("metrics", "--output", "/dev/null").status == 0)
      let full = try await project.program.run("metrics", "--output", "/dev/full")
      #expect(full.errors.contains("No space left on device"), "\(full.errors)")
      let printed = try await project.program.run("metrics", "--output", "/dev/stdout")
      #expect(printed.output.contains("roost_runs"), "\(printed.errors)")
      #expect(symlink("loop", folder + "/loop") == 0)
      let loop = try await project.program.run("metrics", "--output", "loop")
      #expect(loop.status == 1)
    }
  }

  @Test func `what cannot be given away is an error before the daemon begins`() async throws {
    try await withDueUsers { project in
      let once = try await project.program.run(
        "schedule", "--once", "--metrics-file", "nowhere/roost.prom")
      #expect(once.status == 1)
      #expect(once.errors.contains("nowhere/roost.prom cannot be written"), "\(once.errors)")
      #expect(try await project.count("roost.runs") == 0)
      let host = try await project.program.run(
        "schedule", "--metrics-port", "0", "--metrics-host", "nowhere")
      #expect(host.status == 64)
      #expect(host.errors.contains("'nowhere' is no IP address"), "\(host.errors)")
      let wrong = [
        ["--metrics-host", "127.0.0.1"], ["--once", "--metrics-port", "0"],
        ["--next", "1", "--metrics-file", "x"], ["--metrics-port", "70000"],
      ]
      for options in wrong {
        #expect(try await project.program.start(["schedule"] + options).result().status == 64)
      }
      let file = project.folder.appending(component: "roost.prom")
      let written = try await project.program.run("schedule", "--once", "--metrics-file", file.path)
      #expect(written.status == 0, "\(written.errors)")
      #expect(try String(contentsOf: file, encoding: .utf8).contains(Self.succeeded))
    }
  }
}
