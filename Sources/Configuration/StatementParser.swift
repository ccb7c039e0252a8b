/// Makes a tree of statements out of the tokens of all lines. A keyword begins a line, or follows a brace.
struct StatementParser {
    private let lines: [FileLoader.Line]
    private(set) var problems: [(message: String, word: Word)] = []
    private var stack: [(owner: Statement, body: [Statement])] = []
    private var body: [Statement] = []

    /// Blocks in blocks; keepalived's own files need three.
    private static let deepest = 64

    private let mostProblems: Int

    init(lines: [FileLoader.Line], mostProblems: Int) {
        self.lines = lines
        self.mostProblems = mostProblems
    }

    mutating func parse() -> [Statement] {
        for line in lines where problems.count < mostProblems {
            var current: Statement?
            for token in line.tokens {
                switch token {
                case .word(let word):
                    if current == nil {
                        current = Statement(keyword: word)
                    } else {
                        current?.values.append(word)
                    }
                case .open(let brace):
                    open(brace, current)
                    current = nil
                case .close(let brace):
                    finish(current)
                    current = nil
                    close(brace)
                }
            }
            if let last = line.lastNumber, let file = current?.keyword.location.file {
                current?.end = SourceLocation(file: file, line: last, column: 1)
            }
            finish(current)
        }
        while let (owner, _) = stack.last {
            problems.append(("the block that opens here is never closed: a '}' is missing", owner.keyword))
            let inner = body
            guard var (statement, outer) = stack.popLast() else { break }
            statement.block = inner
            outer.append(statement)
            body = outer
        }
        return body
    }

    private mutating func finish(_ statement: Statement?) {
        if let statement { body.append(statement) }
    }

    /// The block belongs to the words before the brace, or to the line before when the brace stands alone.
    private mutating func open(_ brace: Word, _ current: Statement?) {
        var owner = current
        if owner == nil, let last = body.last, last.block == nil {
            owner = body.removeLast()
        }
        if owner == nil {
            problems.append(("this '{' follows no keyword", brace))
        }
        guard stack.count < Self.deepest else {
            problems.append(("blocks are nested more than \(Self.deepest) deep", brace))
            return
        }
        stack.append((owner ?? Statement(keyword: brace), body))
        body = []
    }

    private mutating func close(_ brace: Word) {
        guard var (statement, outer) = stack.popLast() else {
            problems.append(("this '}' closes no block", brace))
            return
        }
        statement.block = body
        statement.end = brace.location
        outer.append(statement)
        body = outer
    }
}
