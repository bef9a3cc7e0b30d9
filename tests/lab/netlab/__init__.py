# SPDX-License-Identifier: Apache-2.0
"""A laptop, a VPN gateway and the hosts behind it, made of network namespaces on one machine."""
