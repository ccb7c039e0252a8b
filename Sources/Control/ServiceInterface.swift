/// The interface that every Varlink service has (varlink.org, "Service").
package enum ServiceInterface {
    package static let name = "org.varlink.service"
    package static let getInfo = name + ".GetInfo"
    package static let getInterfaceDescription = name + ".GetInterfaceDescription"
    package static let interfaceNotFound = name + ".InterfaceNotFound"
    package static let methodNotFound = name + ".MethodNotFound"
    package static let invalidParameter = name + ".InvalidParameter"
    package static let permissionDenied = name + ".PermissionDenied"
    package static let expectedMore = name + ".ExpectedMore"

    package static let description = """
        # The interface that every Varlink service has.
        interface org.varlink.service

        # Who is answering, and which interfaces are served.
        method GetInfo() -> (
          # Who made the service.
          vendor: string,
          # What it is.
          product: string,
          # Of the agent.
          version: string,
          # Where to read about it; empty where nowhere.
          url: string,
          # Their names.
          interfaces: []string
        )

        # The description of an interface, in Varlink's interface definition language.
        method GetInterfaceDescription(interface: string) -> (description: string)

        # The interface is not served here.
        error InterfaceNotFound (interface: string)

        # The interface has no such method.
        error MethodNotFound (method: string)

        # The method is known, but not implemented.
        error MethodNotImplemented (method: string)

        # A parameter is missing, unknown or of the wrong type.
        error InvalidParameter (parameter: string)

        # The caller is not allowed to call this method.
        error PermissionDenied ()

        # The method gives several replies and must be called with "more".
        error ExpectedMore ()

        """
}
