import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import PipelineFiles

/// Paths as text, however short or odd.
@Suite struct PathsTests {
  @Test(arguments: [
    ("p", ".", "p", "p"), (".", ".", ".", "."), ("/", "/", "/", "/"), ("", ".", "", ""),
    ("/p", "/", "p", "p"), ("a/b", "a", "b", "b"), ("a//b", "a", "b", "b"), ("a/b/", "a", "b", "b"),
    ("//a", "/", "a", "a"), ("a.", ".", "a.", "a"), (".yaml", ".", ".yaml", ".yaml"),
    ("x/a.b.yaml", "x", "a.b.yaml", "a.b"), ("..", ".", "..", "."), ("é/ö.yml", "é", "ö.yml", "ö"),
    ("a/\u{301}b", "a", "\u{301}b", "\u{301}b"),
  ])
  func `a path has a folder, a name and a stem`(
    path: String, folder: String, name: String, stem: String
  ) {
    #expect(Paths.folder(of: path).utf8.elementsEqual(folder.utf8))
    #expect(Paths.name(of: path).utf8.elementsEqual(name.utf8))
    #expect(Paths.stem(of: path).utf8.elementsEqual(stem.utf8))
  }

  @Test(arguments: [
    (".", "x", "x"), ("", "x", "x"), ("a", "/x", "/x"), ("a", "x", "a/x"), ("a/", "./x", "a/x"),
    ("a", "..", "."), ("a/b", "../x", "a/x"), ("a", "../../x", "../x"), ("..", "..", "../.."),
    ("/", "x", "/x"), ("/", "..", "/"), ("/a", "../../x", "/x"), ("a", ".", "a"), ("p", "q", "p/q"),
  ])
  func `a path is seen from a folder`(folder: String, path: String, joined: String) {
    #expect(Paths.join(folder, path) == joined)
  }

  @Test func `what lies below the working directory is shown from there`() throws {
    let here = try #require(Paths.workingDirectory)
    #expect(Paths.shown(here) == ".")
    #expect(Paths.shown(here + "/x/y") == "x/y")
    #expect(Paths.shown(here + "x") == here + "x")
    #expect(Paths.absolute("x") == here + "/x")
    #expect(Paths.absolute("/a/./b/../c") == "/a/c")
  }

  /// A path and what is made of it lead to the same file, or to none.
  @Test(arguments: 0..<4) func `the kernel means the same`(seed: Int) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/paths-\(UUID().uuidString)"
    for path in ["a/b/c", "a/d", "e"] {
      try FileManager.default.createDirectory(
        atPath: "\(folder)/\(path)", withIntermediateDirectories: true)
    }
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(symlink("a/b", folder + "/l") == 0)
    #expect(symlink("..", folder + "/a/u") == 0)
    var random = SeededGenerator(seed: UInt64(seed))
    for _ in 0..<300 {
      let parts = (0..<Int.random(in: 1...6, using: &random)).map { _ in
        ["a", "b", "c", "d", "e", "l", "u", ".", "..", ""].randomElement(using: &random) ?? ""
      }
      let path = folder + "/" + parts.joined(separator: "/")
      var (raw, normal) = (stat(), stat())
      // What is no folder is left through ".." here, and not by the kernel.
      guard stat(path, &raw) == 0 else { continue }
      #expect(stat(Paths.normalized(path), &normal) == 0, "\(parts)")
      #expect(raw.st_ino == normal.st_ino, "\(parts)")
    }
  }

  @Test func `no more of a file is read than is wanted`() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/bounded-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func trouble(_ path: String) -> Diagnostic? {
      do throws(Diagnostic) {
        _ = try Files.read(path)
        return nil
      } catch { return error }
    }
    let large = folder + "/large.yaml"
    #expect(FileManager.default.createFile(atPath: large, contents: nil))
    #expect(truncate(large, 300 << 20) == 0)
    #expect(trouble(large)?.message == "\(large) has 300 MiB; at most 4 MiB are read")
    #expect(trouble("/dev/zero")?.message == "/dev/zero does not end; at most 4 MiB are read")
    #expect(trouble("/dev/null") == nil)
    #expect(trouble("/")?.message == "/ is a folder")
    let long = folder + "/" + String(repeating: "x", count: 300)
    #expect(trouble(long)?.message == "\(long) cannot be read: File name too long")
    #expect(trouble(folder + "/x\ny")?.message == "there is no file \(folder)/x\ny")
    #expect(symlink("loop", folder + "/loop") == 0)
    #expect(
      trouble(folder + "/loop")?.message
        == "\(folder)/loop cannot be read: Too many levels of symbolic links")
  }

  @Test func `a pipe is read to its end, and not for ever`() async throws {
    let path = FileManager.default.temporaryDirectory.path + "/pipe-\(UUID().uuidString)"
    #expect(mkfifo(path, 0o600) == 0)
    defer { unlink(path) }
    #expect(throws: BoundedFile.Trouble.silent) {
      try BoundedFile.read(path, limit: 100, patience: 50)
    }
    let writer = Thread {
      guard let file = fopen(path, "w") else { return }
      fputs("pipeline: p\n", file)
      fclose(file)
    }
    writer.start()
    let bytes = try BoundedFile.read(path, limit: 100, patience: 600_000)
    #expect(String(decoding: bytes, as: UTF8.self) == "pipeline: p\n")
  }
}
