import Foundation

/// A file of data, packed by gzip or not.
enum DataFile {
  /// The unpacked bytes. Blocks.
  static func bytes(at path: String) throws(DemoError) -> [UInt8] {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw .cannotRead(path: path, reason: "the file cannot be read")
    }
    return data.starts(with: [0x1f, 0x8b]) ? try unpacked(path) : Array(data)
  }

  private static func unpacked(_ path: String) throws(DemoError) -> [UInt8] {
    let gzip = Process()
    gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    gzip.arguments = ["gzip", "-dc", "--", path]
    let output = Pipe()
    gzip.standardOutput = output
    gzip.standardError = FileHandle.nullDevice
    do {
      try gzip.run()
    } catch {
      throw .cannotRead(path: path, reason: "gzip cannot be started")
    }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    gzip.waitUntilExit()
    guard gzip.terminationStatus == 0 else {
      throw .cannotRead(path: path, reason: "gzip cannot unpack it")
    }
    return Array(data)
  }
}
