import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Security;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Date;
import java.util.Locale;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.gm.GMObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;
import org.ofdrw.gm.ses.v1.SES_ESPictrueInfo;
import org.ofdrw.gm.ses.v1.SES_Header;
import org.ofdrw.gm.ses.v4.CertInfoList;
import org.ofdrw.gm.ses.v4.SES_CertList;
import org.ofdrw.gm.ses.v4.SES_ESPropertyInfo;
import org.ofdrw.gm.ses.v4.SES_SealInfo;
import org.ofdrw.gm.ses.v4.SESeal;
import org.ofdrw.layout.OFDDoc;
import org.ofdrw.layout.element.Paragraph;
import org.ofdrw.reader.OFDReader;
import org.ofdrw.sign.OFDSigner;
import org.ofdrw.sign.SignMode;
import org.ofdrw.sign.StandFormatAtomicSignID;
import org.ofdrw.sign.signContainer.SESV4Container;
import org.ofdrw.sign.stamppos.NormalStampPos;
import org.ofdrw.sign.verify.OFDValidator;
import org.ofdrw.sign.verify.container.SESV4ValidateContainer;

/**
 * ofdrw on sealed OFD files, for tests/system/test_ofdrw.py.
 * verify FILE: prints what it saw and ends 0, or "refused: why" and ends 1.
 * make DIR [IN OUT]...: a CA, a maker and a signer of seals, a seal, DIR/sealed.ofd with it, and the same seal put on each IN.
 */
public class Ofdrw {
    private static final long DAY = 24L * 3600 * 1000;

    public static void main(String[] args) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        if (args.length == 2 && args[0].equals("verify")) System.exit(verify(Path.of(args[1])));
        if (args.length < 2 || !args[0].equals("make") || args.length % 2 != 0) throw new IllegalArgumentException("verify FILE | make DIR [IN OUT]...");
        new Ofdrw().make(Path.of(args[1]), args);
    }

    private static int verify(Path file) throws Exception {
        try (OFDReader reader = new OFDReader(file); OFDValidator validator = new OFDValidator(reader)) {
            validator.setValidator(new SESV4ValidateContainer());
            int pages = reader.getNumberOfPages();
            for (int i = 1; i <= pages; i++) reader.getPage(i).getContent();
            validator.exeValidate();
            System.out.println("pages " + pages + " stamps " + reader.getStampAnnots().size() + " signatures " + reader.getDefaultSignatures().getSignatures().size());
            return 0;
        } catch (Exception refusal) {
            System.out.println("refused: " + refusal);
            return 1;
        }
    }

    private final SecureRandom random = new SecureRandom();
    private final Date from = new Date(System.currentTimeMillis() - DAY), to = new Date(System.currentTimeMillis() + 1000 * DAY);
    private final X500Name rootName = new X500Name("C=CN,O=ofdrw,CN=ofdrw root");
    private final KeyPair rootKey = keyPair(), makerKey = keyPair(), signerKey = keyPair();

    private Ofdrw() throws Exception {}

    private void make(Path folder, String[] args) throws Exception {
        X509Certificate root = certificate(rootName, rootKey, true);
        X509Certificate maker = certificate(new X500Name("C=CN,O=ofdrw,CN=ofdrw maker"), makerKey, false);
        X509Certificate signer = certificate(new X500Name("C=CN,O=ofdrw,CN=31011800000001"), signerKey, false);
        Path trust = Files.createDirectories(folder.resolve("trust"));
        pem(trust.resolve("root.pem"), "CERTIFICATE", root.getEncoded());
        X509CRLHolder list = new X509v2CRLBuilder(rootName, from).setNextUpdate(to).build(contentSigner(rootKey.getPrivate()));
        pem(trust.resolve("root.crl"), "X509 CRL", list.getEncoded());

        SESeal seal = seal(maker, signer);
        Files.write(folder.resolve("seal.esl"), seal.getEncoded("DER"));
        Path plain = folder.resolve("plain.ofd");
        try (OFDDoc document = new OFDDoc(plain)) {
            document.add(new Paragraph("示例许可证"));
            document.add(new Paragraph("持证主体：青禾示例餐饮有限公司"));
        }
        sign(plain, folder.resolve("sealed.ofd"), seal, signer, SignMode.ContinueSign);
        sign(plain, folder.resolve("whole.ofd"), seal, signer, SignMode.WholeProtected);
        for (int i = 2; i < args.length; i += 2) sign(Path.of(args[i]), Path.of(args[i + 1]), seal, signer, SignMode.ContinueSign);
    }

    private SESeal seal(X509Certificate maker, X509Certificate signer) throws Exception {
        CertInfoList listed = new CertInfoList().add(new DEROctetString(signer.getEncoded()));
        SES_ESPropertyInfo property = new SES_ESPropertyInfo().setType(new ASN1Integer(1)).setName(new DERUTF8String("示例测试章"))
            .setCertListType(SES_ESPropertyInfo.CertListType).setCertList(new SES_CertList(listed))
            .setCreateDate(new ASN1GeneralizedTime(from, Locale.CHINA)).setValidStart(new ASN1GeneralizedTime(from, Locale.CHINA))
            .setValidEnd(new ASN1GeneralizedTime(to, Locale.CHINA));
        SES_SealInfo info = new SES_SealInfo().setHeader(new SES_Header().setVersion(4).setVid("ofdrw")).setEsID("31011800000001").setProperty(property)
            .setPicture(new SES_ESPictrueInfo().setType("PNG").setData(new byte[] {1, 2, 3}).setWidth(40).setHeight(40));
        Signature signature = Signature.getInstance("SM3withSM2", "BC");
        signature.initSign(makerKey.getPrivate());
        signature.update(info.getEncoded("DER"));
        return new SESeal().seteSealInfo(info).setCert(maker).setSignAlgID(GMObjectIdentifiers.sm2sign_with_sm3).setSignedValue(signature.sign());
    }

    private void sign(Path in, Path out, SESeal seal, X509Certificate signer, SignMode mode) throws Exception {
        try (OFDReader reader = new OFDReader(in); OFDSigner engine = new OFDSigner(reader, out, new StandFormatAtomicSignID())) {
            engine.setSignMode(mode).setSignContainer(new SESV4Container(signerKey.getPrivate(), seal, signer)).addApPos(new NormalStampPos(1, 50, 50, 40, 40));
            engine.exeSign();
        }
    }

    private X509Certificate certificate(X500Name name, KeyPair key, boolean ca) throws Exception {
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(rootName, new BigInteger(100, random), from, to, name, key.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(ca ? KeyUsage.keyCertSign | KeyUsage.cRLSign : KeyUsage.digitalSignature | KeyUsage.nonRepudiation));
        return new JcaX509CertificateConverter().setProvider("BC").getCertificate(builder.build(contentSigner(rootKey.getPrivate())));
    }

    private static ContentSigner contentSigner(PrivateKey key) throws Exception {
        return new JcaContentSignerBuilder("SM3withSM2").setProvider("BC").build(key);
    }

    private static KeyPair keyPair() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", "BC");
        generator.initialize(new ECGenParameterSpec("sm2p256v1"), new SecureRandom());
        return generator.generateKeyPair();
    }

    private static void pem(Path path, String label, byte[] der) throws Exception {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject(label, der));
        }
        Files.write(path, text.toString().getBytes(StandardCharsets.US_ASCII));
    }
}
