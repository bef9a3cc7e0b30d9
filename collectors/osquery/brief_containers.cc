// SPDX-License-Identifier: Apache-2.0
// osquery's tables of containers and clouds.
#include "collectors/osquery/brief_table.h"

namespace sallyport {
namespace {

constexpr BriefTable kTables[] = {
    {"azure_instance_metadata", "what Azure says of the machine",
     "location name offer publisher sku version os_type platform_update_domain "
     "platform_fault_domain vm_id* vm_size subscription_id resource_group_name "
     "placement_group_id vm_scale_set_name zone"},
    {"azure_instance_tags", "tags of the machine in Azure", "vm_id key value"},
    {"docker_container_envs", "environment of containers", "id* key value"},
    {"docker_container_fs_changes", "files that a container changed", "id! path change_type"},
    {"docker_container_labels", "labels of containers", "id* key* value"},
    {"docker_container_mounts", "mounts of containers",
     "id* type name* source destination driver mode rw:I propagation"},
    {"docker_container_networks", "networks of containers",
     "id* name* network_id endpoint_id gateway ip_address ip_prefix_len:I ipv6_gateway "
     "ipv6_address ipv6_prefix_len:I mac_address"},
    {"docker_container_ports", "ports of containers", "id type port:I host_ip host_port:I"},
    {"docker_container_processes", "processes in a container",
     "id! pid:B* name cmdline state uid:B gid:B euid:B egid:B suid:B sgid:B wired_size:B "
     "resident_size:B total_size:B start_time:B parent:B pgroup:B threads:I nice:I user time "
     "cpu:D mem:D"},
    {"docker_container_stats", "load of a container",
     "id! name* pids:I read:B preread:B interval:B disk_read:B disk_write:B num_procs:I "
     "cpu_total_usage:B cpu_kernelmode_usage:B cpu_usermode_usage:B system_cpu_usage:B "
     "online_cpus:I pre_cpu_total_usage:B pre_cpu_kernelmode_usage:B pre_cpu_usermode_usage:B "
     "pre_system_cpu_usage:B pre_online_cpus:I memory_usage:B memory_cached:B "
     "memory_inactive_file:B memory_total_inactive_file:B memory_max_usage:B memory_limit:B "
     "network_rx_bytes:B network_tx_bytes:B"},
    {"docker_containers", "containers of Docker",
     "id* name* image image_id command created:B state status pid:B path config_entrypoint "
     "started_at finished_at privileged:I security_options env_variables readonly_rootfs:I "
     "cgroup_namespace ipc_namespace mnt_namespace net_namespace pid_namespace user_namespace "
     "uts_namespace"},
    {"docker_image_history", "how images were made",
     "id* created:B size:B created_by tags comment"},
    {"docker_image_labels", "labels of images", "id* key value"},
    {"docker_image_layers", "layers of images", "id* layer_id layer_order:I"},
    {"docker_images", "images of Docker", "id created:B size_bytes:B tags"},
    {"docker_info", "Docker itself",
     "id containers:I containers_running:I containers_paused:I containers_stopped:I images:I "
     "storage_driver memory_limit:I swap_limit:I kernel_memory:I cpu_cfs_period:I "
     "cpu_cfs_quota:I cpu_shares:I cpu_set:I ipv4_forwarding:I bridge_nf_iptables:I "
     "bridge_nf_ip6tables:I oom_kill_disable:I logging_driver cgroup_driver kernel_version os "
     "os_type architecture cpus:I memory:B http_proxy https_proxy no_proxy name server_version "
     "root_dir"},
    {"docker_network_labels", "labels of Docker's networks", "id* key value"},
    {"docker_networks", "networks of Docker",
     "id* name driver created:B enable_ipv6:I subnet gateway"},
    {"docker_version", "versions of Docker",
     "version api_version min_api_version git_commit go_version os arch kernel_version "
     "build_time"},
    {"docker_volume_labels", "labels of Docker's volumes", "name* key* value"},
    {"docker_volumes", "volumes of Docker", "name* driver mount_point type"},
    {"ec2_instance_metadata", "what EC2 says of the machine",
     "instance_id instance_type architecture region availability_zone local_hostname local_ipv4 "
     "mac security_groups iam_arn ami_id reservation_id account_id ssh_public_key"},
    {"ec2_instance_tags", "tags of the machine in EC2", "instance_id key value"},
    {"lxd_certificates", "certificates of LXD", "name type fingerprint certificate"},
    {"lxd_cluster", "cluster of LXD",
     "server_name enabled:I member_config_entity member_config_name member_config_key "
     "member_config_value member_config_description"},
    {"lxd_cluster_members", "members of LXD's cluster",
     "server_name url database:I status message"},
    {"lxd_images", "images of LXD",
     "id* architecture os release description aliases filename size:B auto_update:I cached:I "
     "public:I created_at expires_at uploaded_at last_used_at update_source_server "
     "update_source_protocol update_source_certificate update_source_alias"},
    {"lxd_instance_config", "configuration of an instance of LXD", "name! key value"},
    {"lxd_instance_devices", "devices of an instance of LXD", "name! device device_type key value"},
    {"lxd_instances", "instances of LXD",
     "name* status stateful:I ephemeral:I created_at base_image architecture os description pid:I "
     "processes:I"},
    {"lxd_networks", "networks of LXD",
     "name type managed:I ipv4_address ipv6_address used_by bytes_received:B bytes_sent:B "
     "packets_received:B packets_sent:B hwaddr state mtu:I"},
    {"lxd_storage_pools", "storage of LXD",
     "name driver source size space_used:B space_total:B inodes_used:B inodes_total:B"},
    {"prometheus_metrics", "metrics of a Prometheus server",
     "target_name metric_name metric_value:D timestamp_ms:B"},
    {"ycloud_instance_metadata", "what Yandex Cloud says of the machine",
     "instance_id* folder_id cloud_id name description hostname zone ssh_public_key "
     "serial_port_enabled metadata_endpoint*"},
};

}  // namespace

std::span<const BriefTable> BriefContainerTables() { return kTables; }

}  // namespace sallyport
