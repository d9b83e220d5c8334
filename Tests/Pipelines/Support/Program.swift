import Foundation

/// The executable, as a person or a scheduler starts it.
struct Program: Sendable {
  struct Result: Sendable {
    let status: Int32
    let output: String
    let errors: String
  }

  struct NotStarted: Error, CustomStringConvertible { let description: String }

  /// A process under way.
  final class Running: Sendable {
    let processIdentifier: pid_t
    private let errorFile: URL
    private let ended: Task<Result, any Error>

    init(_ processIdentifier: pid_t, errors: URL, _ ended: Task<Result, any Error>) {
      self.processIdentifier = processIdentifier
      errorFile = errors
      self.ended = ended
    }

    func result() async throws -> Result { try await ended.value }
    /// What it has written to its standard error so far.
    var errorsSoFar: String { (try? String(contentsOf: errorFile, encoding: .utf8)) ?? "" }
    /// As Ctrl-C does.
    func interrupt() { Foundation.kill(processIdentifier, SIGINT) }
    func kill() { Foundation.kill(processIdentifier, SIGKILL) }
  }

  /// Beside the bundle of tests.
  private static let executable = Bundle.module.bundleURL.deletingLastPathComponent()
    .appending(component: "roost")

  let folder: URL
  let environment: [String: String]
  /// A program with its arguments that starts it, such as taskset.
  var starter: [String] = []

  func run(_ arguments: String...) async throws -> Result {
    try await start(arguments).result()
  }

  /// Starts it with its output going to files, which never make it wait.
  func start(_ arguments: [String]) throws -> Running {
    let files = FileManager.default
    let outputs = ["out", "err"].map { kind in
      folder.appending(component: "\(kind)-\(UUID().uuidString)")
    }
    let process = Process()
    let command = starter + [Self.executable.path] + arguments
    process.executableURL = URL(filePath: command[0])
    process.arguments = Array(command.dropFirst())
    process.currentDirectoryURL = folder
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    var handles: [FileHandle] = []
    for file in outputs {
      guard files.createFile(atPath: file.path, contents: nil) else {
        throw NotStarted(description: "cannot write \(file.lastPathComponent)")
      }
      handles.append(try FileHandle(forWritingTo: file))
    }
    process.standardOutput = handles[0]
    process.standardError = handles[1]
    let (ends, end) = AsyncStream.makeStream(of: Int32.self)
    process.terminationHandler = { process in
      end.yield(process.terminationStatus)
      end.finish()
    }
    try process.run()
    for handle in handles { try handle.close() }
    let ended = Task {
      var status: Int32 = -1
      for await found in ends { status = found }
      let texts = try outputs.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
      return Result(status: status, output: texts[0], errors: texts[1])
    }
    return Running(process.processIdentifier, errors: outputs[1], ended)
  }
}

extension TestProject {
  /// The program, called in the project's folder.
  var program: Program {
    let inherited = ProcessInfo.processInfo.environment.filter {
      ["PATH", "LD_LIBRARY_PATH", "HOME"].contains($0.key)
    }
    return Program(
      folder: folder, environment: environment.merging(inherited) { own, _ in own })
  }
}
