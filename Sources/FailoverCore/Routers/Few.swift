/// One or several. Nearly always it is one, which then takes no memory beside the value itself, as an array of one would.
enum Few<Element> {
    case one(Element)
    case several([Element])

    var all: [Element] {
        switch self {
        case .one(let element): [element]
        case .several(let elements): elements
        }
    }

    /// - Returns: `nil` for none.
    init?(_ elements: [Element]) {
        guard let first = elements.first else { return nil }
        self = elements.count == 1 ? .one(first) : .several(elements)
    }

    /// Puts another one behind those that are there, if any.
    static func add(_ element: Element, to few: inout Few?) {
        few = few.map { .several($0.all + [element]) } ?? .one(element)
    }

    static func remove(from few: inout Few?, where isGone: (Element) -> Bool) {
        few = few.flatMap { Few($0.all.filter { !isGone($0) }) }
    }
}

extension Few: Sendable where Element: Sendable {}
