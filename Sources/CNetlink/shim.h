/* libnl-3 and libnl-route-3, and the kernel's headers for what libnl 3.7 does not name. */
#pragma once

#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/netconf.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netlink/addr.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/socket.h>

/* Added in Linux 5.18; the headers of Debian 12 have it, those of older systems do not. */
enum { CNetlink_IFA_PROTO = 11 };

/* From linux/netfilter.h, which can't be included beside netinet/in.h. */
enum {
    CNetlink_NFPROTO_INET = 1,
    CNetlink_NFPROTO_IPV4 = 2,
    CNetlink_NFPROTO_IPV6 = 10,
    CNetlink_NF_INET_LOCAL_OUT = 3,
    CNetlink_NF_DROP = 0,
};

/* NLMSG_DATA is a macro with arithmetic that Swift does not import; libnl's function is plain, but takes a mutable pointer. */
static inline void *CNetlink_data(const struct nlmsghdr *header) { return nlmsg_data(header); }
