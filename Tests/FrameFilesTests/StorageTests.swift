import Foundation
import FrameFiles
import Frames
import Testing

@Suite struct StorageTests {
  @Test func `a folder has one holder at a time`() async throws {
    try await withFolder { folder in
      var lock = try FolderLock.take(folder)
      #expect(lock != nil)
      #expect(try FolderLock.take(folder) == nil)
      lock = nil
      #expect(try FolderLock.take(folder) != nil)
      #expect(throws: FrameFileError.self) { try FolderLock.take("\(folder)/missing") }
    }
  }

  @Test func `folders are made for their owner alone, files are replaced whole`() async throws {
    try await withFolder { folder in
      let inner = "\(folder)/a/b/c"
      try DurableFile.makeFolder(inner)
      try DurableFile.makeFolder(inner)
      for path in [inner, "\(folder)/a"] {
        let bits = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(bits == 0o700)
      }
      try DurableFile.write(Array("old and long".utf8), to: "\(inner)/f")
      try DurableFile.write(Array("new".utf8), to: "\(inner)/f")
      #expect(try DurableFile.read("\(inner)/f") == Array("new".utf8))
      #expect(try FileManager.default.contentsOfDirectory(atPath: inner) == ["f"])
      #expect(throws: FrameFileError.self) { try DurableFile.makeFolder("\(inner)/f/g") }
      #expect(throws: FrameFileError.self) { try DurableFile.write([], to: "\(inner)/f/g") }
      // That folder is there, and says of every other that it is not.
      #expect(throws: FrameFileError.self) { try DurableFile.makeFolder("/proc/roost/state") }
    }
  }

  @Test func `a write that fails leaves the old file and nothing else`() async throws {
    try await withFolder { folder in
      let path = "\(folder)/a"
      try FrameFile.write(smallFrame, to: path)
      #expect(throws: FrameFileError.self) {
        try FrameFile.write(smallFrame, to: "\(folder)/missing/a")
      }
      #expect(try FrameFile(path).read().isIdentical(to: smallFrame))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"])
    }
  }
}
