/** What tshark shows of PPTP, GRE and PPP, held against the field tree: the same octets, the same value. */
import type { ViewedPacket } from '../../src/sessions/viewed-packet.ts';
import type { Layer, TreeField } from '../../src/wire/tree.ts';
import { fieldsOf, packetsOf } from './packet-view.ts';
import type { TsharkField, TsharkPacket } from './pdml.ts';

/** Why fields that tshark shows of packets of a capture have no counterpart here, and how many were compared. */
export function comparedWithTshark(
  capture: Uint8Array,
  packets: readonly TsharkPacket[],
): { readonly flaws: readonly string[]; readonly fields: number } {
  const ours = new Map(packetsOf(capture).map((packet) => [packet.frame, packet]));
  const flaws: string[] = [];
  let fields = 0;
  for (const packet of packets) {
    const own = ours.get(packet.frame);
    if (own === undefined) {
      flaws.push(`frame ${packet.frame} is not here`);
      continue;
    }
    const sections = sectionsOf(own);
    // Behind a multilink header or in reassembled TLS tshark counts from another place.
    const anywhere = packet.protocols.includes('mp') || packet.fields.some((field) => field.name === 'eap.tls.len');
    for (const field of comparedFields(packet)) {
      if (tsharkIsWrong(field, own)) continue;
      fields += 1;
      const found = flaw(field, own, sections, anywhere);
      if (found !== null) flaws.push(found);
    }
  }
  return { flaws, fields };
}

const compared = new Set(['pptp', 'gre', 'ppp', 'lcp', 'pap', 'chap', 'eap', 'ccp', 'ipcp', 'ipv6cp']);

/** tshark's name of a field, and ours; `bits` is a word of bits as a whole. Groups are marked by a colon. */
const counterparts: Readonly<Record<string, string | readonly string[]>> = {
  'pptp.length': 'length',
  'pptp.type': 'pptpMessageType',
  'pptp.magic_cookie': 'magicCookie',
  'pptp.control_message_type': 'controlMessageType',
  'pptp.protocol_version': 'protocolVersion',
  'pptp.framing_capabilities': 'framingCapabilities',
  'pptp.bearer_capabilities': 'bearerCapabilities',
  'pptp.maximum_channels': 'maximumChannels',
  'pptp.firmware_revision': 'firmwareRevision',
  'pptp.host_name': 'hostName',
  'pptp.vendor_name': 'vendorName',
  'pptp.control_result': 'resultCode',
  'pptp.out_result': 'resultCode',
  'pptp.in_result': 'resultCode',
  'pptp.echo_result': 'resultCode',
  'pptp.disc_result': 'resultCode',
  'pptp.stop_result': 'resultCode',
  'pptp.error': 'errorCode',
  'pptp.cause': 'causeCode',
  'pptp.reason': 'reason',
  'pptp.identifier': 'identifier',
  'pptp.call_id': 'callId',
  'pptp.peer_call_id': 'peerCallId',
  'pptp.call_serial_number': 'callSerialNumber',
  'pptp.minimum_bps': 'minimumBps',
  'pptp.maximum_bps': 'maximumBps',
  'pptp.bearer_type': 'bearerType',
  'pptp.framing_type': 'framingType',
  'pptp.packet_receive_window_size': 'packetReceiveWindowSize',
  'pptp.packet_processing_delay': ['packetProcessingDelay', 'packetTransmitDelay'],
  'pptp.phone_number_length': 'phoneNumberLength',
  'pptp.phone_number': 'phoneNumber',
  'pptp.dialed_number_length': 'dialedNumberLength',
  'pptp.dialed_number': 'dialedNumber',
  'pptp.dialing_number_length': 'dialingNumberLength',
  'pptp.dialing_number': 'dialingNumber',
  'pptp.subaddress': 'subaddress',
  'pptp.connect_speed': 'connectSpeed',
  'pptp.physical_channel_id': 'physicalChannelId',
  'pptp.crc_errors': 'crcErrors',
  'pptp.framing_errors': 'framingErrors',
  'pptp.hardware_overruns': 'hardwareOverruns',
  'pptp.buffer_overruns': 'bufferOverruns',
  'pptp.timeout_errors': 'timeOutErrors',
  'pptp.alignment_errors': 'alignmentErrors',
  'pptp.send_accm': 'sendAccm',
  'pptp.receive_accm': 'receiveAccm',
  'gre.flags_and_version': 'bits',
  'gre.flags.checksum': 'checksumPresent',
  'gre.flags.routing': 'routingPresent',
  'gre.flags.key': 'keyPresent',
  'gre.flags.sequence_number': 'sequencePresent',
  'gre.flags.strict_source_route': 'strictSourceRoutePresent',
  'gre.flags.recursion_control': 'recursionControl',
  'gre.flags.ack': 'acknowledgmentPresent',
  'gre.flags.reserved': 'flags',
  'gre.flags.version': 'version',
  'gre.proto': 'protocolType',
  'gre.key.payload_length': 'payloadLength',
  'gre.key.call_id': 'callId',
  'gre.sequence_number': 'sequenceNumber',
  'gre.ack_number': 'acknowledgmentNumber',
  'ppp.address': 'address',
  'ppp.control': 'control',
  'ppp.protocol': 'protocol',
  'ppp.code': 'code',
  'ppp.identifier': 'identifier',
  'ppp.length': 'length',
  'lcp.magic_number': 'magicNumber',
  'lcp.rej_proto': 'rejectedProtocol',
  'lcp.opt.type': 'type',
  'lcp.opt.length': 'length',
  'lcp.opt.mtu_bytes': ':maximumReceiveUnit',
  'lcp.opt.mru': 'mru',
  'lcp.opt.asyncmap_bytes': ':asyncControlCharacterMap',
  'lcp.opt.asyncmap': 'map',
  'lcp.opt.magic_number_bytes': ':magicNumber',
  'lcp.opt.magic_number': 'magicNumber',
  'lcp.opt.field_compress': ':protocolFieldCompression',
  'lcp.opt.addr_field_compress': ':addressAndControlFieldCompression',
  'lcp.opt.auth_protocol_bytes': ':authenticationProtocol',
  'lcp.opt.auth_protocol': 'protocol',
  'lcp.opt.algorithm': 'algorithm',
  'lcp.opt.multilink_mrru': ':multilinkMrru',
  'lcp.opt.mrru': 'mrru',
  'lcp.opt.multilink_ep_disc': ':endpointDiscriminator',
  'lcp.opt.ep_disc_class': 'class',
  'lcp.opt.data': ['address', 'values', 'parameters', 'more'],
  'lcp.opt.psndn': 'address',
  'lcp.opt.vendor': ':vendorExtension',
  'lcp.opt.oui': 'oui',
  'lcp.opt.kind': 'kind',
  'lcp.opt.quality_protocol_bytes': ':qualityProtocol',
  'lcp.opt.quality_protocol': 'protocol',
  'lcp.opt.fcs_alternatives_bytes': ':fcsAlternatives',
  'lcp.opt.fcs_alternatives': 'alternatives',
  'lcp.opt.fcs_alternatives.null': 'null',
  'lcp.opt.fcs_alternatives.ccitt16': 'ccitt16',
  'lcp.opt.fcs_alternatives.ccitt32': 'ccitt32',
  'lcp.opt.self_desc_pad': ':selfDescribingPad',
  'lcp.opt.maximum': 'maximum',
  'lcp.opt.numbered_mode': ':numberedMode',
  'lcp.opt.window': 'window',
  'lcp.opt.hdlc_address': 'address',
  'lcp.opt.callback': ':callback',
  'lcp.opt.operation': 'operation',
  'lcp.opt.message': 'message',
  'lcp.opt.compound_frames': ':compoundFrames',
  'lcp.opt.nomdataencap': ':nominalDataEncapsulation',
  'lcp.opt.auth': ':lcpAuthentication',
  'lcp.opt.cobs': ':consistentOverheadByteStuffing',
  'lcp.opt.dce_identifier': ':dceIdentifier',
  'lcp.opt.sonet_sdh': ':simpleDataLink',
  'lcp.opt.mode': 'mode',
  'lcp.opt.multilink_pp': ':multilinkPlusProcedure',
  'lcp.opt.unused': 'values',
  'lcp.opt.prefix_elision': ':prefixElision',
  'lcp.opt.multilink_ssnh': ':shortSequenceNumber',
  'lcp.opt.link_discrim_bytes': ':linkDiscriminator',
  'lcp.opt.link_discrim': 'discriminator',
  'lcp.opt.multilink_hdr_fmt': ':multilinkHeaderFormat',
  'lcp.opt.code': 'code',
  'lcp.opt.max_susp_classes': 'classes',
  'lcp.opt.internationalization': ':internationalization',
  'lcp.opt.MIBenum': 'characterSet',
  'lcp.opt.language_tag': 'languageTag',
  'pap.code': 'code',
  'pap.identifier': 'identifier',
  'pap.length': 'length',
  'pap.peer_id.length': 'peerIdLength',
  'pap.peer_id': 'peerId',
  'pap.password.length': 'passwordLength',
  'pap.password': 'password',
  'pap.message.length': 'messageLength',
  'pap.message': 'message',
  'chap.code': 'code',
  'chap.identifier': 'identifier',
  'chap.length': 'length',
  'chap.value_size': 'valueLength',
  'chap.value': 'value',
  'chap.name': 'name',
  'chap.message': 'message',
  'eap.code': 'code',
  'eap.id': 'identifier',
  'eap.len': 'length',
  'eap.type': 'type',
  'eap.ext.vendor_id': 'vendorId',
  'eap.ext.vendor_type': 'vendorType',
  'eap.identity': 'identity',
  'eap.desired_type': 'desiredType',
  'eap.md5.value_size': 'valueLength',
  'eap.md5.value': 'value',
  'eap.md5.extra_data': 'name',
  'eap.notification': 'message',
  'eap.data': ['typeData', 'message'],
  'eap.ms_chap_v2.opcode': 'opCode',
  'eap.ms_chap_v2.id': 'msChapV2Id',
  'eap.ms_chap_v2.length': 'msLength',
  'eap.ms_chap_v2.value_size': 'valueLength',
  'eap.ms_chap_v2.challenge': 'value',
  'eap.ms_chap_v2.response': 'value',
  'eap.ms_chap_v2.name': 'name',
  'eap.ms_chap_v2.message': 'message',
  'eap.ms_chap_v2.failure_request': 'message',
  'eap.tls.flags.version': 'version',
  'eap.tls.flags': 'bits',
  'eap.tls.flags.len_included': 'lengthIncluded',
  'eap.tls.flags.more_fragments': 'moreFragments',
  'eap.tls.flags.start': 'start',
  'eap.tls.len': 'messageLength',
  'ccp.opt.type': 'type',
  'ccp.opt.length': 'length',
  'ccp.opt_oui': ':oui',
  'ccp.opt.oui': 'oui',
  'ccp.opt.subtype': 'subtype',
  'ccp.opt.data': ['values', 'parameters'],
  'ccp.opt.predict1': ':predictor-1',
  'ccp.opt.predict2': ':predictor-2',
  'ccp.opt.puddle': ':puddle-jumper',
  'ccp.opt.hpppc': ':hewlett-packard-ppc',
  'ccp.opt.stac': ':stac',
  'ccp.opt.history_count': 'historyCount',
  'ccp.opt.cm': 'checkMode',
  'ccp.opt.gfza': ':gandalf-fza',
  'ccp.opt.v42bis': ':v42bis',
  'ccp.opt.lzsdcp': ':lzs-dcp',
  'ccp.opt.check_mode': 'checkMode',
  'ccp.opt.process_mode': 'processMode',
  'ccp.opt.dce': ':dce',
  'ccp.opt.v44lzjh': ':v44',
  'ccp.opt.mppe': ':mppe',
  'ccp.opt.supported_bits': 'supportedBits',
  'ccp.opt.supported_bits.h': 'stateless',
  'ccp.opt.supported_bits.m': 'encryption56',
  'ccp.opt.supported_bits.s': 'encryption128',
  'ccp.opt.supported_bits.l': 'encryption40',
  'ccp.opt.supported_bits.d': 'obsolete',
  'ccp.opt.supported_bits.c': 'mppc',
  'ccp.opt.deflate': ':deflate',
  'ccp.opt.window': 'window',
  'ccp.opt.method': 'method',
  'ccp.opt.mbz': 'reserved',
  'ccp.opt.chk': 'check',
  'ccp.opt.bsdcomp': ':bsd',
  'ccp.opt.vd': 'bits',
  'ccp.opt.vd.vers': 'version',
  'ccp.opt.vd.dict': 'dictionary',
  'ipcp.opt.type': 'type',
  'ipcp.opt.length': 'length',
  'ipcp.opt.addr': ':ipAddress',
  'ipcp.opt.ip_address': 'address',
  'ipcp.opt.addrs': ':ipAddresses',
  'ipcp.opt.src_address': 'sourceAddress',
  'ipcp.opt.dst_address': 'destinationAddress',
  'ipcp.opt.mobileipv4': ':mobileIpv4',
  'ipcp.opt.mobilenodehomeaddress': 'address',
  'ipcp.opt.pri_nbns': ':primaryNbns',
  'ipcp.opt.pri_nbns_address': 'address',
  'ipcp.opt.sec_nbns': ':secondaryNbns',
  'ipcp.opt.sec_nbns_address': 'address',
  'ipcp.opt.compress': ':ipCompressionProtocol',
  'ipcp.opt.compress_proto': 'protocol',
  'ipcp.data': 'parameters',
  'ipcp.opt.max_slot_id': 'maxSlotId',
  'ipcp.opt.comp_slot_id': 'compSlotId',
  'ipcp.opt.pri_dns': ':primaryDns',
  'ipcp.opt.pri_dns_address': 'address',
  'ipcp.opt.sec_dns': ':secondaryDns',
  'ipcp.opt.sec_dns_address': 'address',
  'ipv6cp.opt.type': 'type',
  'ipv6cp.opt.length': 'length',
  'ipv6cp.opt.interface_identifier': ':interfaceIdentifier',
  'ipv6cp.interface_identifier': 'identifier',
};

/** Fields that are parts of one field here: of options that no PPTP implementation offers, and of addresses that are too long. */
const parts: Readonly<Record<string, string>> = {
  'lcp.opt.data': 'values',
  'lcp.opt.id': 'values',
  'lcp.opt.flags': 'values',
  'lcp.opt.flags.reserved': 'values',
  'lcp.opt.flags.pre': 'values',
  'lcp.opt.flags.zxe': 'values',
  'lcp.opt.ip_address': 'address',
  'lcp.opt.802_1_address': 'address',
  'lcp.opt.class': 'classesAndPrefixes',
  'lcp.opt.prefix': 'classesAndPrefixes',
  'ipcp.opt.max_cid': 'parameters',
  'ipcp.opt.mrru': 'parameters',
  'ipcp.opt.max_header': 'parameters',
  'ccp.opt.cm.reserved': 'checkMode',
  'ccp.opt.cm.check_mode': 'checkMode',
  'ccp.opt.history': 'parameters',
  'ccp.opt.version': 'parameters',
  'ccp.opt.mode': 'parameters',
  'ccp.opt.mode_dictcount': 'parameters',
  'ccp.opt.dict_size': 'parameters',
  'ccp.opt.history_length': 'parameters',
};

/** Fields that hold octets which have other names here. Any of them must cover those octets. */
const byPlace = new Set(['pptp.reserved', 'ppp.data']);

/** What stands for other fields, or for no octets of this packet: lists and bodies as a whole, remarks, reassembly of TLS. */
function isNoField({ name, size }: TsharkField): boolean {
  return (
    size === 0 ||
    ['', 'chap.data', 'chap.stuff', 'pap.data', 'eap.mitm_attacks', 'pptp.magic_cookie.incorrect'].includes(name) ||
    /^(_ws\.|data|eap\.tls\.(fragment|reassembled))/.test(name)
  );
}

/** The list of docs/tshark-differences.md. */
function tsharkIsWrong(field: TsharkField, ours: ViewedPacket): boolean {
  // Segments are no messages: parts of split messages and octets that are no PPTP are read as if they were one.
  if (field.protocol === 'pptp' && ours.layers.some((layer) => layer.protocol === 'pptp' && layer.source === null)) {
    return true;
  }
  // Call Statistics have 128 octets; shown are 64.
  if (field.name === 'pptp.call_Statistics') return true;
  // CCP option 24 as pppd sends it is the draft's number of Deflate, not Magnalink.
  return ['ccp.opt.mvrca', 'ccp.opt.fe', 'ccp.opt.p', 'ccp.opt.History', 'ccp.opt.contexts'].includes(field.name);
}

/** Why our packet has no counterpart of tshark's field; null where it has. */
function flaw(
  field: TsharkField,
  packet: ViewedPacket,
  sections: readonly Section[],
  anywhere: boolean,
): string | null {
  const told = namesOf(field.name);
  const whole = parts[field.name];
  const what = `frame ${packet.frame}: ${field.name} at ${field.position}, ${field.size} octets, ${field.show}`;
  if (told === null && whole === undefined && !byPlace.has(field.name))
    return `${what}: has no counterpart in the list`;
  for (const { fields, octets } of sections) {
    for (const ours of fields) {
      const around = ours.start <= field.position && ours.end >= field.position + field.size;
      if (whole !== undefined && ours.name === whole && around) return null;
      const here = ours.start === field.position && ours.end === field.position + field.size;
      if (!here && !(anywhere && ours.end - ours.start === field.size)) continue;
      if (
        told === null ? isThePlace(ours, field, octets) : told.some((name) => isTheField(ours, name, field, octets))
      ) {
        return null;
      }
    }
  }
  return `${what}: is not here`;
}

/** Our names of a field of tshark; null where it has none. */
function namesOf(name: string): readonly string[] | null {
  const told = counterparts[name] ?? (name.startsWith('lcp.opt.asyncmap.') ? name.slice(17) : null);
  return typeof told === 'string' ? [told] : told;
}

function isThePlace(ours: TreeField, field: TsharkField, octets: Uint8Array): boolean {
  return ours.kind !== 'group' && hexOf(octets, ours) === field.value;
}

function isTheField(ours: TreeField, told: string, field: TsharkField, octets: Uint8Array): boolean {
  const group = told.startsWith(':');
  const name = group ? told.slice(1) : told;
  if (field.isBits) {
    const bits = ours.bits.find((one) => one.name === name);
    // One octet of which tshark shows the low bit has no bits here.
    return (bits?.value ?? (ours.name === name ? ours.value : null)) === Number(field.show);
  }
  if (ours.name !== name) return false;
  // Values and messages of MS-CHAP have parts here.
  if (group !== (ours.kind === 'group') && name !== 'value' && name !== 'message') return false;
  return hexOf(octets, ours) === field.value && saysTheSame(ours, field);
}

interface Section {
  readonly fields: readonly TreeField[];
  readonly octets: Uint8Array;
}

function hexOf(octets: Uint8Array, { start, end }: TreeField): string {
  return Buffer.from(octets.subarray(start, end)).toString('hex');
}

/** Whether the value or its meaning is what tshark shows. */
function saysTheSame({ kind, value, meaning }: TreeField, { show, value: digits }: TsharkField): boolean {
  if (kind === 'group') return true;
  if (typeof value === 'number') {
    return meaning === show || value === Number(show) || (meaning !== null && Number(show) === value);
  }
  if (value === digits) return true;
  // Some text is octets for tshark; of other text it escapes what is not printable.
  return (
    value === show ||
    show.replaceAll(':', '') === digits ||
    meaning === show ||
    /[^\x20-\x7e]|\\/.test(show) ||
    /[^\x20-\x7e]/.test(meaning ?? '')
  );
}

function sectionsOf(packet: ViewedPacket): Section[] {
  const section = (layers: readonly Layer[], octets: Uint8Array): Section => ({
    fields: [...fieldsOf(layers)],
    octets,
  });
  return [
    section(packet.layers, packet.octets),
    ...packet.reassemblies.map(({ layers, octets }) => section(layers, octets)),
  ];
}

function comparedFields({ fields }: TsharkPacket): TsharkField[] {
  return fields.filter((field) => compared.has(field.protocol) && !isNoField(field));
}
