import Foundation
import Testing

/// Projects and pipelines in odd places: each is read, or said to be missing.
@Suite struct OddPathTests {
  private static let users =
    "pipeline: p\nstages:\n  users: { extract: { from: shop, table: public.users, key: user_id, time: t } }\n"

  /// The statuses of commands that ended by themselves.
  private func ended(
    _ project: TestProject, _ arguments: [String], in folder: String? = nil
  ) async throws -> Program.Result {
    var program = project.program
    if let folder { program.starter = ["/usr/bin/env", "-C", folder] }
    let result = try await program.start(arguments).result()
    #expect([0, 1, 2, 5, 64].contains(result.status), "\(arguments): \(result)")
    #expect(result.status == 0 || !result.errors.isEmpty, "\(arguments)")
    return result
  }

  @Test(arguments: ["check", "plan", "render", "lineage", "test", "run", "why", "preview"])
  func `a path of one letter is a path`(command: String) async throws {
    try await withProject { project in
      for path in ["p", ".", "/"] { _ = try await ended(project, [command, path]) }
      let missing = try await ended(project, [command, "q", "--project", "z"])
      #expect(missing.status == 2)
    }
  }

  @Test func `a project begins in a folder of one letter`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      let began = try await ended(project, ["init", "x", "--schema", "shop"])
      #expect(began.status == 0, "\(began.errors)")
      let there = project.folder.appending(path: "x/pipelines/roost.yaml").path
      #expect(FileManager.default.fileExists(atPath: there))
      #expect(try await ended(project, ["init", "x", "--schema", "shop"]).status == 2)
    }
  }

  @Test func `an SQL file of one letter that is missing ends no scheduler`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try project.write(
        "broken.yaml",
        """
        pipeline: broken
        schedule: { cron: "0 0 * * *" }
        stages: { a: { extract: { from: shop, sql: q, key: user_id, time: t } } }
        """)
      let result = try await ended(project, ["schedule", "--once"])
      #expect(result.errors.contains("broken"), "\(result.errors)")
      let checked = try await ended(project, ["check", "broken.yaml"])
      #expect(checked.status == 2)
      #expect(
        checked.errors.contains("broken.yaml:3:44: error[R0105]: there is no file q"),
        "\(checked.errors)")
    }
  }

  @Test func `links, loops, names with line breaks and folders that are shut`() async throws {
    try await withProject { project in
      let folder = project.folder.path
      func write(_ name: String, _ text: String) throws {
        try project.write(name, text)
      }
      try write("p", Self.users)
      try write("a\nb.yaml", Self.users)
      try write(String(repeating: "n", count: 250) + ".yaml", Self.users)
      #expect(symlink("p", folder + "/link") == 0)
      #expect(symlink("nowhere", folder + "/dangling") == 0)
      #expect(symlink("loop", folder + "/loop") == 0)
      #expect(mkdir(folder + "/shut", 0) == 0)
      defer { chmod(folder + "/shut", 0o700) }
      for (path, status) in [
        ("p", 0), ("link", 0), ("./p", 0), ("../\(project.folder.lastPathComponent)/p", 0),
        ("a\nb.yaml", 0), (String(repeating: "n", count: 250) + ".yaml", 0), ("dangling", 2),
        ("loop", 2), ("p/x", 2), ("shut/p", 2), (String(repeating: "n", count: 255), 2), ("", 2),
      ] {
        let result = try await ended(project, ["check", "--offline", path])
        #expect(result.status == Int32(status), "\(path.debugDescription): \(result.errors)")
      }
      let fromTop = try await ended(project, ["check", "--offline", folder + "/p"], in: "/")
      #expect(fromTop.status == 0, "\(fromTop.errors)")
      _ = try await ended(project, ["check", "p"], in: "/")
      _ = try await ended(project, ["schedule", "--next", "1"], in: "/")
    }
  }

  @Test func `a working directory that is gone is said, and absolute paths still lead somewhere`()
    async throws
  {
    try await withProject { project in
      try project.write("p.yaml", Self.users)
      var program = project.program
      program.starter = [
        "/bin/bash", "-c", #"mkdir gone && cd gone && rmdir ../gone && exec "$0" "$@""#,
      ]
      let there = try await program.run("check", "--offline", project.folder.path + "/p.yaml")
      #expect(there.status == 0, "\(there.errors)")
      let roost = project.folder.path + "/roost.yaml"
      let relative = try await program.run("check", "--offline", "p.yaml", "--project", roost)
      #expect(relative.status == 2)
      #expect(
        relative.errors.contains("the folder in which roost was started is gone"),
        "\(relative.errors)")
    }
  }
}
