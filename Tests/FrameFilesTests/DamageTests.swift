import Foundation
import FrameFiles
import Frames
import Testing

/// What is not a whole frame file of the right key is refused, whatever it is.
@Suite struct DamageTests {
  private static let keys = [nil, FrameKey(bytes: Array(0..<32))]

  private func read(_ path: String, _ key: FrameKey?) throws(FrameFileError) -> Int? {
    do {
      return try FrameFile(path, key: key).read(threads: 1).rowCount
    } catch let error as FrameFileError {
      throw error
    } catch {
      Issue.record("\(error) is no error of files")
      return nil
    }
  }

  @Test(arguments: keys)
  func `every altered byte is found`(key: FrameKey?) async throws {
    try await withFolder { folder in
      let path = "\(folder)/a"
      try FrameFile.write(smallFrame, to: path, key: key)
      let bytes = try DurableFile.read(path)
      for place in bytes.indices {
        for flip: UInt8 in [0x01, 0x80] {
          var altered = bytes
          altered[place] ^= flip
          try Data(altered).write(to: URL(filePath: path))
          #expect(throws: FrameFileError.self, "byte \(place)") { try read(path, key) }
        }
      }
    }
  }

  @Test(arguments: keys)
  func `every other length is found`(key: FrameKey?) async throws {
    try await withFolder { folder in
      let path = "\(folder)/a"
      try FrameFile.write(smallFrame, to: path, key: key)
      let bytes = try DurableFile.read(path)
      for length in 0..<bytes.count {
        try Data(bytes.prefix(length)).write(to: URL(filePath: path))
        #expect(throws: FrameFileError.self, "\(length) bytes") { try read(path, key) }
      }
      try Data(bytes + [0]).write(to: URL(filePath: path))
      let error = try #require(throws: FrameFileError.self) { try read(path, key) }
      #expect(error.problem == .length(found: bytes.count + 1, expected: bytes.count))
    }
  }

  @Test(arguments: keys)
  func `blocks of one file have no place in another`(key: FrameKey?) async throws {
    try await withFolder { folder in
      func frame(_ values: [Int64], _ note: String) throws -> [UInt8] {
        try FrameFile.write(
          Frame(
            schema: Schema([Field("n", .int8)]),
            columns: [Column(type: .int8, values: .int64(values))], rowCount: values.count),
          to: "\(folder)/a", key: key, notes: ["note": note])
        return try DurableFile.read("\(folder)/a")
      }
      let one = try frame([1, 2, 3], "one")
      let two = try frame([4, 5, 6], "two")
      #expect(one.count == two.count)
      let block = 3 * 8 + 16
      try Data(one.dropLast(block) + two.suffix(block)).write(to: URL(filePath: "\(folder)/a"))
      let error = try #require(throws: FrameFileError.self) { try read("\(folder)/a", key) }
      #expect(error.problem == .altered("column 'n'"))
    }
  }

  @Test func `a file under another key or none is refused, and the message says which`()
    async throws
  {
    let (a, b) = (try #require(FrameKey(bytes: Array(0..<32))), FrameKey(bytes: Array(1..<33)))
    try await withFolder { folder in
      let path = "\(folder)/a"
      try FrameFile.write(smallFrame, to: path, key: a)
      let wrong = try #require(throws: FrameFileError.self) { try read(path, b) }
      #expect(wrong.problem == .wrongKey(found: a.id, given: b?.id))
      let none = try #require(throws: FrameFileError.self) { try read(path, nil) }
      #expect("\(none)".contains("ROOST_STATE_KEY"))
      // Whoever put a plain file there may have written what they liked.
      try FrameFile.write(smallFrame, to: path)
      let plain = try #require(throws: FrameFileError.self) { try read(path, a) }
      #expect(plain.problem == .notEncrypted)
    }
  }

  @Test func `foreign files, newer versions and missing files are told apart`() async throws {
    try await withFolder { folder in
      let path = "\(folder)/a"
      for foreign in ["", "PK\u{3}\u{4}", "PGCOPY\n and so on and so forth"] {
        try Data(foreign.utf8).write(to: URL(filePath: path))
        let error = try #require(throws: FrameFileError.self) { try read(path, nil) }
        #expect(error.problem == .foreign)
      }
      try FrameFile.write(smallFrame, to: path)
      var bytes = try DurableFile.read(path)
      bytes[8] = 2
      try Data(bytes).write(to: URL(filePath: path))
      let newer = try #require(throws: FrameFileError.self) { try read(path, nil) }
      #expect(newer.problem == .version(found: 2))
      let missing = try #require(throws: FrameFileError.self) { try read("\(folder)/b", nil) }
      #expect(missing.isMissing)
      let folderItself = try #require(throws: FrameFileError.self) { try read(folder, nil) }
      #expect("\(folderItself)".hasPrefix(folder))
    }
  }

  @Test func `keys are read in two notations and never shown`() throws {
    let digits = String(repeating: "0f", count: 32)
    let key = try #require(FrameKey(parsing: digits + "\n"))
    #expect(FrameKey(bytes: Array(repeating: 15, count: 32))?.id == key.id)
    #expect(FrameKey(parsing: Data(repeating: 15, count: 32).base64EncodedString())?.id == key.id)
    for wrong in ["", "0f", digits + "0f", String(repeating: "x", count: 64)] {
      #expect(FrameKey(parsing: wrong) == nil)
    }
    var shown = ""
    dump(key, to: &shown)
    #expect(!shown.contains("15") && !"\(key)".contains(digits))
  }
}
