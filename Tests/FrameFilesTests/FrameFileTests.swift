import Foundation
import FrameFiles
import Frames
import TestSupport
import Testing

@Suite struct FrameFileTests {
  static let key = FrameKey(bytes: Array(0..<32))

  @Test(arguments: 0..<60)
  func `any frame is read as it was written`(seed: Int) async throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let frame = random.frame()
    let key = seed.isMultiple(of: 2) ? nil : Self.key
    try await withFolder { folder in
      let path = "\(folder)/a.frame"
      try FrameFile.write(
        frame, to: path, key: key, notes: ["seed": "\(seed)"], threads: 1 + seed % 3)
      let file = try FrameFile(path, key: key)
      #expect(file.schema == frame.schema)
      #expect(file.notes == ["seed": "\(seed)"])
      let read = try file.read(threads: 1 + seed % 2)
      #expect(read.isIdentical(to: frame))
      #expect(read.schema == frame.schema)
      // Some columns, in another order.
      let names = Array(frame.schema.names.shuffled(using: &random).prefix(3))
      #expect(try file.read(columns: names).isIdentical(to: frame.selecting(names)))
      let bits = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(bits == 0o600)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.frame"])
    }
  }

  @Test(arguments: 0..<40)
  func `several files and frames are put together as one frame`(seed: Int) async throws {
    var random = SeededGenerator(seed: UInt64(1000 + seed))
    let first = random.frame()
    let frames = (0..<4).map { _ -> Frame in
      let rows = Int.random(in: 0...50, using: &random)
      return Frame(
        schema: first.schema,
        columns: first.schema.fields.map { random.column($0.type, rows) }, rowCount: rows)
    }
    try await withFolder { folder in
      let parts = try frames.enumerated().map { place, frame -> FrameAssembly.Part in
        guard place % 2 == 0 else { return .frame(frame) }
        try FrameFile.write(frame, to: "\(folder)/\(place)", key: Self.key)
        return .file(try FrameFile("\(folder)/\(place)", key: Self.key))
      }
      let whole = try #require(Frame.concatenating(frames))
      let read = try FrameAssembly(parts).frame()
      #expect(read.rowCount == whole.rowCount)
      // A dictionary may have its texts in another order.
      #expect(
        read.ordered(by: read.schema.names).isIdentical(
          to: whole.ordered(by: whole.schema.names)))
    }
  }

  @Test func `texts larger than a block are read as they were written`() async throws {
    let texts = ["", String(repeating: "é", count: 3 << 20), "short"]
    let frame = Frame(
      schema: Schema([Field("body", .text), Field("n", .int8)]),
      columns: [
        Column(type: .text, values: .text([1, 2, 0, 1], TextDictionary(texts))),
        Column(type: .int8, values: .int64([1, 2, 3, 4])),
      ], rowCount: 4)
    try await withFolder { folder in
      for key in [nil, Self.key] {
        try FrameFile.write(frame, to: "\(folder)/a", key: key)
        #expect(try FrameFile("\(folder)/a", key: key).read().isIdentical(to: frame))
      }
    }
  }

  @Test func `the same frame makes the same file, unless it is encrypted`() async throws {
    var random = SeededGenerator(seed: 7)
    let frame = random.frame()
    try await withFolder { folder in
      for name in ["a", "b"] {
        try FrameFile.write(frame, to: "\(folder)/\(name)", threads: name == "a" ? 1 : 2)
        try FrameFile.write(frame, to: "\(folder)/\(name)-encrypted", key: Self.key)
      }
      func bytes(_ name: String) throws -> [UInt8] { try DurableFile.read("\(folder)/\(name)") }
      #expect(try bytes("a") == bytes("b"))
      #expect(try bytes("a-encrypted") != bytes("b-encrypted"))
    }
  }

  @Test func `an encrypted file shows no value`() async throws {
    try await withFolder { folder in
      for (key, isSeen) in [(nil, true), (Self.key, false)] {
        try FrameFile.write(smallFrame, to: "\(folder)/a", key: key)
        let bytes = try DurableFile.read("\(folder)/a")
        #expect((Data(bytes).range(of: Data("Åsa".utf8)) != nil) == isSeen)
        // Nor the name of a column.
        #expect((Data(bytes).range(of: Data("is_new".utf8)) != nil) == isSeen)
      }
    }
  }
}
